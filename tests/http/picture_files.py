"""picture_files.py: picture files made for a test: PNGs of any size that are small
as files."""
import struct
import zlib


def chunk(kind, content):
    return (struct.pack(">I", len(content)) + kind + content +
            struct.pack(">I", zlib.crc32(kind + content)))


def png_head(width, height, depth=8, colour=0):
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)))


def plain_png(width, height, grey=255):
    """One colour: a thousandth of its pixels as a file."""
    packer = zlib.compressobj(9)
    row = b"\0" + bytes([grey]) * width
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png_head(width, height) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def grey_png(rows):
    """Rows of bytes, 0 black."""
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return png_head(len(rows[0]), len(rows)) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def claimed_png(width, height):
    """A head that claims a size, and next to nothing behind it."""
    return png_head(width, height) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
