"""What goes wrong in a browser tab: script and console errors, requests to other hosts."""

from playwright.async_api import ConsoleMessage, Error, Page, Request


def watch(page: Page) -> list[str]:
    """The list that a tab's faults are written to, as they happen."""
    faults: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text}")

    def on_error(error: Error) -> None:
        faults.append(f"script: {error.message}")

    def on_request(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            faults.append(f"request to {request.url}")

    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("request", on_request)
    return faults
