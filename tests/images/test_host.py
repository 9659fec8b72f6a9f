from pathlib import Path

import host

LISTING = """\
:env:.find-links='/wheels/of/mine'
:env:.require-virtualenv='1'
global.extra-index-url='\\nhttps://one.test/simple\\nhttps://reader:word@two.test/simple'
global.find-links='/wheels/of/all'
global.cert='/etc/ssl/mine.pem'
install.no-compile='true'
"""


def test_settings_of_the_environment_count_for_more_than_those_of_files() -> None:
    assert host.pip_settings(LISTING)["find-links"] == "/wheels/of/mine"


def test_a_list_of_many_lines_becomes_one_line() -> None:
    found = host.pip_settings(LISTING)["extra-index-url"]
    assert found == "https://one.test/simple https://reader:word@two.test/simple"


def test_the_build_gets_where_pip_looks_and_not_what_pip_does() -> None:
    assert host.pip_conf(host.pip_settings(LISTING), certified=True) == (
        "[global]\n"
        "extra-index-url = https://one.test/simple https://reader:word@two.test/simple\n"
        "find-links = /wheels/of/mine\n"
        "cert = /run/secrets/ca.pem\n"
    )


def test_a_machine_without_settings_lends_an_empty_file() -> None:
    assert host.pip_conf(host.pip_settings(""), certified=False) == "[global]\n"


def test_apt_gets_the_proxies_and_the_certificates() -> None:
    dump = 'Acquire "";\nAcquire::http::Proxy "http://proxy.test:3142";\nDir "/";\n'
    assert host.apt_conf(dump, certified=True) == (
        'Acquire::http::Proxy "http://proxy.test:3142";\n'
        'Acquire::https::CAInfo "/run/secrets/ca.pem";\n'
    )


def test_folders_of_wheels_are_found_in_links_and_in_indexes(tmp_path: Path) -> None:
    index = tmp_path / "index/simple"
    index.mkdir(parents=True)
    told = {
        "find-links": f"{tmp_path} https://one.test/links {tmp_path}/absent",
        "extra-index-url": f"file://{index}",
    }
    # pages of an index point at files beside it
    assert list(host.folders(told)) == [tmp_path, index.parent]


def test_the_certificates_are_the_first_that_exist(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    environ = {"SSL_CERT_FILE": "/absent.pem", "REQUESTS_CA_BUNDLE": str(bundle)}
    assert host.certificates(environ, {}) == bundle
    assert host.certificates({}, {}) is None


def test_proxies_are_read_in_either_case() -> None:
    environ = {"HTTPS_PROXY": "http://proxy.test", "no_proxy": "localhost", "NO_PROXY": "other"}
    assert host.proxies(environ) == {"https_proxy": "http://proxy.test", "no_proxy": "localhost"}


def test_a_program_that_is_not_there_says_nothing() -> None:
    assert host.said("codekiln-no-such-program") == ""
