"""The light and the dark look: two palettes and one short style sheet on Qt's Fusion style.

Text and icons keep a contrast of at least 4.5 to 1 on what they stand on, a test holds that. The slide
itself is never themed: its surroundings are a neutral gray in both. GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.storage.settings import Theme


@dataclass(frozen=True, slots=True)
class Look:
    """The colors of one theme, as ``#rrggbb``.

    Attributes
    ----------
    window, base, alternate, button : str
        Surfaces.
    text, faint, disabled : str
        Writing on any of them.
    accent, on_accent, link : str
        What is chosen, what is written on it, and links.
    line : str
        Borders.
    info, warning, error : str
        Backgrounds of messages.
    """

    window: str
    base: str
    alternate: str
    button: str
    text: str
    faint: str
    disabled: str
    accent: str
    on_accent: str
    link: str
    line: str
    info: str
    warning: str
    error: str


LIGHT = Look(
    window="#f3f4f6",
    base="#ffffff",
    alternate="#f6f7f9",
    button="#fafbfc",
    text="#1c2128",
    faint="#555e6b",
    disabled="#8d95a0",
    accent="#1f5fa8",
    on_accent="#ffffff",
    link="#1a5299",
    line="#c8cdd5",
    info="#e2edf9",
    warning="#fdf1d3",
    error="#fbe3e1",
)
DARK = Look(
    window="#2a2d33",
    base="#1a1c20",
    alternate="#202328",
    button="#363a42",
    text="#e7e9ec",
    faint="#a9b1bb",
    disabled="#71787f",
    accent="#2d6cb8",
    on_accent="#ffffff",
    link="#86b8f2",
    line="#4c525c",
    info="#22384f",
    warning="#4a3c18",
    error="#552a29",
)


def look_of(theme: Theme) -> Look:
    """The colors that a choice means on this desktop."""
    if theme == "system":
        return DARK if _system_is_dark() else LIGHT
    return DARK if theme == "dark" else LIGHT


def apply_theme(app: QApplication, theme: Theme) -> Look:
    """Give the whole application a look, and return it."""
    look = look_of(theme)
    if not app.styleSheet():  # else it is ours; a style made anew dresses every widget once more
        app.setStyle("Fusion")
    app.setPalette(palette_of(look))
    app.setStyleSheet(style_sheet(look))
    return look


def palette_of(look: Look) -> QPalette:
    """The look as Qt's palette."""
    role = QPalette.ColorRole
    colors = {
        role.Window: look.window,
        role.WindowText: look.text,
        role.Base: look.base,
        role.AlternateBase: look.alternate,
        role.Text: look.text,
        role.Button: look.button,
        role.ButtonText: look.text,
        role.BrightText: look.on_accent,
        role.Highlight: look.accent,
        role.HighlightedText: look.on_accent,
        role.Accent: look.accent,
        role.Link: look.link,
        role.LinkVisited: look.link,
        role.ToolTipBase: look.base,
        role.ToolTipText: look.text,
        role.PlaceholderText: look.faint,
        role.Light: look.base,
        role.Midlight: look.alternate,
        role.Mid: look.line,
        role.Dark: look.line,
        role.Shadow: look.line,
    }
    palette = QPalette()
    for name, color in colors.items():
        palette.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(look.disabled))
    return palette


def style_sheet(look: Look) -> str:
    """What a palette cannot say: spacing, the mode switch, messages."""
    return f"""
QToolBar {{ border: 0; border-bottom: 1px solid {look.line}; padding: 3px 6px; spacing: 2px; }}
QToolBar::separator {{ width: 1px; background: {look.line}; margin: 4px 6px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 4px; }}
QToolButton:hover {{ background: {look.alternate}; border-color: {look.line}; }}
QToolButton:checked {{ background: {look.accent}; color: {look.on_accent}; }}
QToolButton:focus {{ border-color: {look.accent}; }}
QToolButton#qt_toolbar_ext_button {{ padding: 0; }}
QToolButton#mode {{ border: 1px solid {look.line}; border-radius: 0; padding: 4px 12px; }}
QToolButton#mode:checked {{ border-color: {look.accent}; font-weight: 600; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton {{ background: {look.button}; border: 1px solid {look.line}; }}
QPushButton {{ border-radius: 4px; padding: 5px 14px; }}
QPushButton#small {{ padding: 2px 8px; }}
QPushButton:hover {{ border-color: {look.accent}; }}
QPushButton:pressed, QPushButton:checked {{ background: {look.alternate}; border-color: {look.accent}; }}
QPushButton:focus {{ border-color: {look.accent}; }}
QPushButton:default {{ background: {look.accent}; color: {look.on_accent}; border-color: {look.accent}; }}
QPushButton:disabled {{ background: {look.window}; color: {look.disabled}; border-color: {look.line}; }}
QCheckBox::indicator:unchecked {{ border: 1px solid {look.faint}; border-radius: 3px; }}
QCheckBox::indicator:unchecked {{ background: {look.base}; width: 13px; height: 13px; }}
QCheckBox::indicator:unchecked:disabled {{ border-color: {look.disabled}; }}
QHeaderView::section {{ background: {look.window}; border: 0; border-bottom: 1px solid {look.line}; }}
QHeaderView::section {{ padding: 4px 8px; }}
QTableView::item, QTreeView#bookmarks::item {{ padding: 2px 6px; }}
QTableView#dense QHeaderView::section {{ padding: 3px 4px; }}
QTableView#dense::item {{ padding: 1px 3px; }}
QScrollArea, QScrollArea > QWidget > QWidget#page {{ background: transparent; }}
QTabWidget::pane {{ border: 1px solid {look.line}; }}
QStatusBar {{ border-top: 1px solid {look.line}; }}
QStatusBar::item {{ border: 0; }}
QStatusBar QLabel {{ padding: 2px 7px; }}
QLabel#faint {{ color: {look.faint}; }}
QLabel#title {{ font-size: 17pt; font-weight: 600; }}
QLabel#heading {{ font-weight: 600; }}
QLabel#problem {{ background: {look.error}; border-radius: 3px; padding: 4px 8px; }}
QLabel#research {{ color: {look.faint}; }}
QLabel#plate {{ background: rgba(255, 255, 255, 225); color: #141414; border: 1px solid rgba(0, 0, 0, 90);
    border-radius: 4px; padding: 4px 10px; }}
QLabel#badge {{ background: {look.accent}; color: {look.on_accent}; border-radius: 4px; margin: 2px; }}
QLabel#adjusted {{ background: {look.warning}; border-radius: 3px; }}
QFrame#info {{ background: {look.info}; border-bottom: 1px solid {look.line}; }}
QFrame#warning {{ background: {look.warning}; border-bottom: 1px solid {look.line}; }}
QFrame#error {{ background: {look.error}; border-bottom: 1px solid {look.line}; }}
MessageBar#info, MessageBar#warning, MessageBar#error {{
    border: 1px solid {look.faint}; border-radius: 6px; }}
QDockWidget::title {{ padding: 6px 8px; border-bottom: 1px solid {look.line}; }}
QFrame#palette {{ background: {look.base}; border: 1px solid {look.line}; border-radius: 6px; }}
QToolTip {{ color: {look.text}; background: {look.base}; border: 1px solid {look.line}; padding: 3px; }}
QMainWindow::separator {{ background: {look.line}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {look.accent}; }}
{_grid_style(look)}"""


def _grid_style(look: Look) -> str:
    """The cells of the grid of views: the active one is found at a glance."""
    return f"""
QFrame#cell[cell_state="idle"] {{ border: 2px solid {look.line}; }}
QFrame#cell[cell_state="next"] {{ border: 2px dashed {look.link}; }}
QFrame#cell[cell_state="active"] {{ border: 2px solid {look.link}; }}
QFrame#cell[drop="true"] {{ border: 2px solid {look.link}; background: {look.alternate}; }}
QWidget#cell_header {{ background: {look.button}; border-bottom: 1px solid {look.line}; }}
QWidget#cell_header[cell_state="active"] {{ background: {look.accent}; border-color: {look.accent}; }}
QWidget#cell_header[cell_state="active"] QToolButton:hover {{ background: {look.accent}; }}
QWidget#cell_header[cell_state="active"] QToolButton:hover {{ border-color: {look.on_accent}; }}
QLabel[cell_state="active"] {{ color: {look.on_accent}; font-weight: 600; }}
QTabBar#slides {{ border-bottom: 1px solid {look.line}; }}
QSplitter::handle {{ background: {look.window}; }}
QSplitter::handle:hover {{ background: {look.accent}; }}
"""


def contrast(first: str, second: str) -> float:
    """The contrast of two colors, 1 to 21.

    Source: WCAG 2.1, relative luminance and contrast ratio.
    """
    lights = sorted((_luminance(QColor(first)), _luminance(QColor(second))))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
