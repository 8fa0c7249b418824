"""Elements of a picture as text, each value escaped. Pictures take their colours from classes of the style sheet."""

from __future__ import annotations

from html import escape

from overhaul.flows.plain_text import on_one_line


def element(name: str, content: str = "", **attributes: object) -> str:
    """One element around content that is markup already; `class_` is class, `stroke_width` is stroke-width."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{words}>{content}</{name}>"


def text(words: str, x: float, y: float, **attributes: object) -> str:
    """Words at a place; they are not markup."""
    return element("text", escape(on_one_line(words)), x=x, y=y, **attributes)


def titled(words: str) -> str:
    """What a pointer that rests on an element shows, and a screen reader says."""
    return element("title", escape(on_one_line(words)))


def picture(content: str, width: float, height: float, title: str) -> str:
    """A whole picture that grows and shrinks with the page."""
    wide, high = _number(width), _number(height)
    return element(
        "svg", titled(title) + content, xmlns="http://www.w3.org/2000/svg", width="100%", role="img",
        viewBox=f"0 0 {wide} {high}", class_="overhaul-picture", style=f"max-width:{wide}px",
    )  # fmt: skip


def shortened(words: str, longest: int) -> str:
    """The words, or their beginning and end where they are too long for their place."""
    words = on_one_line(words)
    half = longest // 2
    return words if len(words) <= longest else f"{words[: longest - half - 1]}…{words[-half:]}"


def _number(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
