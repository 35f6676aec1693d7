"""A QR code as a picture that stands in the page itself."""

import base64
import io

import qrcode
import qrcode.image.svg


def qr(text: str) -> str:
    """Return a text as an SVG in a data: address."""
    picture = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=2)
    out = io.BytesIO()
    picture.save(out)
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"
