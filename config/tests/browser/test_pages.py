"""The pages for people, in a browser: what they do, and that the content security policy lets them do it."""

from config.testing.mailbox import link_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, new_address, new_staff, register
from config.tests.browser.conftest import Watched


def can_sign_in(house: Gatehouse, email: str) -> bool:
    """Tell whether an address and its password open an account."""
    return house.post("/auth/login", {"email": email, "password": PASSWORD}).status_code == 200


def test_opening_the_link_of_a_registration_changes_nothing_and_its_button_confirms(
    house: Gatehouse, watched: Watched
) -> None:
    email, page = new_address(), watched.page
    register(house, email)
    link = link_in(house.mailbox.wait(to=email))
    page.goto(link)
    page.reload()
    assert not can_sign_in(house, email)
    with page.expect_navigation():
        page.get_by_role("button").click()
    assert can_sign_in(house, email)
    # The link is spent now: its page says so with a 400, which the console of the browser tells as an error.
    page.goto(link)
    assert page.get_by_text("This link has been used already.").is_visible()
    assert page.get_by_role("button").count() == 0
    watched.forgive("status of 400")


def test_documentation_of_the_api_is_shown_with_no_asset_from_another_host(house: Gatehouse, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{house.url}/api/v1/docs")
    page.wait_for_selector(".opblock", timeout=20_000)
    assert page.get_by_text("/api/v1/auth/login", exact=False).count() > 0


def test_wrong_password_at_the_admin_says_so_and_lets_nobody_in(house: Gatehouse, watched: Watched) -> None:
    staff, page = new_staff(house), watched.page
    page.goto(f"{house.url}/admin/")
    page.fill("input[name=username]", staff.email)
    page.fill("input[name=password]", "Not-The-Password-1")
    page.click("input[type=submit], button[type=submit]")
    page.wait_for_load_state()
    assert page.locator(".errornote").count() == 1
    page.goto(f"{house.url}/admin/accounts/user/")
    assert "/admin/login/" in page.url
