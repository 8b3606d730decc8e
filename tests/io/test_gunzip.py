from __future__ import annotations

import gzip

import pytest

from arteriole.errors import ImageError
from arteriole.io.gunzip import is_gzip, read_exactly, read_start

CONTENT = bytes(range(256)) * 4000


@pytest.fixture(params=["plain", "gzip", "two members", "padded"])
def path(request, tmp_path):
    packed = {
        "plain": CONTENT,
        "gzip": gzip.compress(CONTENT),
        "two members": gzip.compress(CONTENT[:7]) + gzip.compress(CONTENT[7:]),
        "padded": gzip.compress(CONTENT) + bytes(512),
    }[request.param]
    (tmp_path / "a").write_bytes(packed)
    return tmp_path / "a"


@pytest.mark.parametrize("count", [0, 1, 100, len(CONTENT) - 1, len(CONTENT)])
def test_the_first_bytes(path, count):
    assert bytes(read_exactly(path, count)) == CONTENT[:count]
    assert read_start(path, count) == CONTENT[:count]


def test_more_than_there_is(path):
    assert read_start(path, len(CONTENT) + 5) == CONTENT or not is_gzip(path)
    with pytest.raises(ImageError, match="truncated or damaged: its header promises 1024600"):
        read_exactly(path, len(CONTENT) + 600)


def test_a_small_file_that_promises_much_is_refused_by_its_size(tmp_path):
    (tmp_path / "a").write_bytes(gzip.compress(bytes(1000)))
    with pytest.raises(ImageError, match="promises 10000000000 bytes, the file has"):
        read_exactly(tmp_path / "a", 10_000_000_000)


def test_reads_no_further_than_asked(tmp_path):
    """What follows is not even inflated: a bomb behind the image does no harm."""
    packed = bytearray(gzip.compress(bytes(20 << 20)))
    packed[-8:] = b"\xff" * 8
    (tmp_path / "a").write_bytes(packed)
    assert len(read_exactly(tmp_path / "a", 1000)) == 1000


@pytest.mark.parametrize("cut", [1, 7, 8, 9, 200])
def test_every_cut_is_noticed(tmp_path, cut):
    (tmp_path / "a").write_bytes(gzip.compress(CONTENT)[:-cut])
    with pytest.raises(ImageError, match="truncated or damaged"):
        read_exactly(tmp_path / "a", len(CONTENT))


@pytest.mark.parametrize("place", [-1, -5, 12])
def test_a_changed_byte_is_noticed(tmp_path, place):
    packed = bytearray(gzip.compress(CONTENT))
    packed[place] ^= 0x55
    (tmp_path / "a").write_bytes(packed)
    with pytest.raises(ImageError, match="truncated or damaged"):
        read_exactly(tmp_path / "a", len(CONTENT))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ImageError, match="cannot be opened"):
        read_start(tmp_path / "no", 10)
    with pytest.raises(ImageError, match="cannot be opened"):
        read_exactly(tmp_path / "no", 10)
