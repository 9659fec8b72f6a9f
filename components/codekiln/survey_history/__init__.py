"""survey_history: how large a history is and what training on it would take, before any mining."""
