"""A QR code as a picture that stands in the page itself."""

import base64
import io

import qrcode
from qrcode.image.svg import SvgPathImage


def qr(text: str) -> str:
    """Return a text as an SVG in a data: address."""
    code = qrcode.QRCode(border=2, mask_pattern=2)  # weighing all eight masks costs 11 ms
    code.add_data(text)
    out = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(out)
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"
