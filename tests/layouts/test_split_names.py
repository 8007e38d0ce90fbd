"""Names that read as splits, and names that do not."""

import pytest

from squeezenet_lib.layouts.split_names import (
    is_filler,
    mentions_split,
    says_no_picture,
    says_split_only,
    split_names,
    split_of,
)

SPELLINGS = {
    "train": """
        train Train TRAIN training Training trn train_images train-set trainset TrainImages training_set
        seg_train 1.Training 01_train train2017 Train_Data trainval train(1) Entraînement 训练集 훈련
    """,
    "val": """
        val Val VALID valid validation Validation-Set valset val_data dev 02-dev validación 验证集 検証
    """,
    "test": """
        test Test TESTING testing tests tst test_images testSet test1 eval evaluation hold-out テスト
    """,
}
OTHERS = """
    trains trainer train_test_split testament valley evil device testing_ground crash_test freight_train pred
    validity invalid te cat images 0 1
"""


@pytest.mark.parametrize("split", SPELLINGS)
def test_spellings_of_splits(split: str) -> None:
    for name in SPELLINGS[split].split():
        assert split_of(name) == split, name
    assert split_of(f" {split} ") == split


@pytest.mark.parametrize("name", OTHERS.split())
def test_other_names_are_no_splits(name: str) -> None:
    assert split_of(name) is None


def test_names_that_share_what_is_beside_the_word_are_splits_together() -> None:
    assert split_names(["fruit_train", "fruit-Test", "papers"]) == {
        "fruit_train": "train",
        "fruit-Test": "test",
    }
    assert split_names(["freight train", "express train"]) == {}
    assert split_names(["crash test", "no crash"]) == {}
    assert split_names(["train", "fruit_test"]) == {"train": "train"}


def test_what_else_a_name_may_say() -> None:
    assert says_split_only("TEST") and not says_split_only("valid") and not says_split_only("test images")
    assert mentions_split("rps-test-set") and not mentions_split("contest")
    assert is_filler("Fold 1") and is_filler("Original_Dataset") and not is_filler("original cats")
    assert says_no_picture("masks") and not says_no_picture("images")
