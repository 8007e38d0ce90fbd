"""Folders' names that data sets and export tools use for splits.

The words are those of Hugging Face's documentation (File names and splits), of data sets on Kaggle, of
Roboflow's (valid) and Edge Impulse's (testing) exports, and of some languages. Case, accents, separators,
numbers and words that say nothing about the content do not count: Train, train-set, trainImages, 1.Training.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

WORDS = {
    "train": """
        train training trn trainval learn entrenamiento entrainement apprentissage treino
        treinamento addestramento egitim 训练 训练集 訓練 訓練集 学習 훈련 обучение обучающая тренировка
    """,
    "val": """
        val valid validation validate validating vali vald dev devel validacion validacao
        validierung validazione convalida dogrulama 验证 验证集 驗證 検証 검증 валидация проверка
    """,
    "test": """
        test testing tests tst eval evaluation holdout heldout prueba pruebas teste testes
        测试 测试集 測試 テスト 테스트 тест тестовая
    """,
}
# What else may stand in such a name.
FILLERS = """
    set sets data dataset datasets image images img imgs picture pictures pic pics photo
    photos sample samples file files folder folders dir split splits subset part parts seg
    ds new final full all original originals orig raw resized small large big cropped crop
    aug augmented augmentation preprocessed processed clean cleaned balanced labeled
    labelled class classes cls my the of for and copy version rgb gray grey jpg jpeg png
    only
"""
# Of variants of one data set, and of what lies beside pictures for detection and segmentation.
VARIANTS = "fold folds batch color colour grayscale greyscale segmented bw archive session jpegimages"
NO_PICTURES = "mask masks annotation annotations label labels groundtruth segmentation"
# A class is called so now and then: valid or invalid. Alone among other names it is no split.
ADJECTIVES = {"valid"}


def split_of(name: str) -> str | None:
    """train, val or test when the whole name says that, else None."""
    affix, split = _read(name)
    return None if affix else split


def split_names(names: Collection[str]) -> dict[str, str]:
    """Those of sibling folders' names that read as splits, with the split.

    Names such as fruit_train and fruit_test do when they share what is beside the word and at least two of
    them differ in it; of one alone, such as crash test, or of cat_train beside dog_train, nobody can tell.
    """
    alone = {name: split for name in names if (split := split_of(name))}
    if alone:
        return alone
    pairs: dict[str, dict[str, str]] = {}
    for name in names:
        affix, split = _read(name)
        if split:
            pairs.setdefault(affix, {})[name] = split
    several = [group for group in pairs.values() if len(set(group.values())) > 1]
    return {name: split for group in several for name, split in group.items()}


def says_split_only(name: str) -> bool:
    """Whether the name is nothing but a word for a split, one that is never a class among others."""
    return _folded(name) in _words() and _folded(name) not in ADJECTIVES


def mentions_split(name: str) -> bool:
    """Whether there is a word for a split in the name, whatever else."""
    return _read(name)[1] is not None


def is_filler(name: str) -> bool:
    """Whether the name says nothing about what is in the folder, such as images or fold 1."""
    parts = _parts(name)
    return bool(parts) and _fillers().union(VARIANTS.split(), NO_PICTURES.split()).issuperset(parts)


def says_no_picture(name: str) -> bool:
    """Whether the name is that of what comes with pictures for detection or segmentation, such as masks."""
    return not set(NO_PICTURES.split()).isdisjoint(_parts(name))


@cache
def _words() -> dict[str, str]:
    return {_folded(word): split for split, words in WORDS.items() for word in words.split()}


@cache
def _fillers() -> frozenset[str]:
    return frozenset(FILLERS.split())


@cache
def _glued() -> re.Pattern[str]:
    """A word for a split and a filler in one, such as trainset or testimages."""
    fillers = "|".join(sorted(_fillers(), key=len, reverse=True))
    words = "|".join(sorted(map(re.escape, _words()), key=len, reverse=True))
    return re.compile(f"(?:{fillers})?({words})(?:{fillers})?")


@cache
def _read(name: str) -> tuple[str, str | None]:
    """What is beside the word for a split, and the split; None when there is no such word or several."""
    rest, splits = [], []
    for part in _parts(name):
        match = _glued().fullmatch(part)
        if match:
            splits.append(_words()[match[1]])
        elif part not in _fillers():
            rest.append(part)
    return " ".join(rest), splits[0] if len(splits) == 1 else None


def _parts(name: str) -> list[str]:
    """The words in a name: trainImages-2 has train and images."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"hold\W+out", "holdout", name))
    return re.findall(r"[^\W\d_]+", _folded(spaced))


def _folded(text: str) -> str:
    """Without case and accents, recomposed: Hangul is made of parts, too."""
    parts = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(p for p in parts if not unicodedata.combining(p))).casefold()
