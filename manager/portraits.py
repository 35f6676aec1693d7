"""A photograph as it was uploaded, made into a small square JPEG; pure.

What is stored was drawn here from its dots alone: no place, no telephone's name, nothing that was
hidden in the file travels on.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from hall.refusals import NotValid

MOST_BYTES = 5_000_000
TOO_LARGE = f"照片太大：最多 {MOST_BYTES // 1_000_000} MB。"
# A telephone takes 50 million dots; a file of a few kilobytes can claim a thousand million.
MOST_DOTS = 60_000_000
SMALLEST, SIDE = 120, 480
KINDS = ("JPEG", "PNG")
WHITE = (255, 255, 255)


def portrait(content: bytes) -> bytes:
    """Return an uploaded photograph as a JPEG of 480 × 480 dots; NotValid for what is none.

    Of a portrait format the upper part is kept, where the face is.
    """
    if not content:
        raise NotValid("no_photo", "没有收到照片。请选择一个 JPG 或 PNG 文件。")
    if len(content) > MOST_BYTES:
        raise NotValid("photo_too_large", TOO_LARGE)
    try:
        with Image.open(io.BytesIO(content), formats=KINDS) as opened:
            _check_size(opened.width, opened.height)
            picture = _square(_on_white(ImageOps.exif_transpose(opened)))
    except NotValid:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError) as trouble:
        raise NotValid(
            "bad_photo", "这个文件不是可读的 JPG 或 PNG 照片。请另存为 JPG 后重试。"
        ) from trouble
    except Image.DecompressionBombError as trouble:
        raise NotValid("photo_too_large", "照片的尺寸太大，请缩小后重试。") from trouble
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85, optimize=True)
    return file.getvalue()


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_DOTS:
        raise NotValid("photo_too_large", "照片的尺寸太大，请缩小后重试。")
    if min(width, height) < SMALLEST:
        raise NotValid(
            "photo_too_small", f"照片太小：宽和高至少 {SMALLEST} 点，现为 {width}×{height}。"
        )


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        opaque = Image.new("RGB", picture.size, WHITE)
        coloured = picture.convert("RGBA")
        opaque.paste(coloured, mask=coloured.getchannel("A"))
        return opaque
    return picture.convert("RGB")


def _square(picture: Image.Image) -> Image.Image:
    # 0.15: a head in a portrait begins a little below the upper edge
    return ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.LANCZOS, centering=(0.5, 0.15))
