"""What a build is asked for: how much at once, and into which folder."""

from __future__ import annotations

import os

import pytest

from aicompute.book.order import JOBS_PER_CORE, Order, scenario_folder

LONG = ("alexnet", "dropout", "zfnet", "dqn", "seq2seq", "vgg", "googlenet", "deepspeech2",
        "resnet", "gnmt", "xception", "nas", "dota_1v1", "transformer", "word2vec",
        "align_translate")


def test_as_many_pages_run_at_once_as_the_cores_of_this_process_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A process bound to two of a machine's cores once started pages for all of them.
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert Order().jobs == 2 * JOBS_PER_CORE


def test_where_the_platform_does_not_tell_all_cores_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert Order().jobs == 6 * JOBS_PER_CORE


def test_two_long_lists_that_begin_alike_have_a_folder_each() -> None:
    folders = [scenario_folder({"without": (*LONG, last)}).name for last in ("gan", "vae")]
    assert folders[0] != folders[1]
    assert [len(folder) for folder in folders] == [120, 120]
    assert all(folder.startswith("without=alexnet,dropout,") for folder in folders)


def test_a_name_that_fits_is_kept_as_it_is() -> None:
    assert scenario_folder({"without": LONG[:2]}, "recounted").name == (
        "recounted,without=alexnet,dropout")
