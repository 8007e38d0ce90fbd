"""Layouts of picture folders, as people and export tools make them: the table in docs/own-pictures.md."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PictureLayout:
    """name: what the table calls it. files: contents by path; those that are None are pictures. taken: paths
    by class and split (empty: to be drawn). refusal: or what the sentence says.
    """

    name: str
    files: Mapping[str, bytes | None]
    taken: Mapping[tuple[str, str], list[str]] = field(default_factory=dict)
    refusal: str = ""


def pictures(*paths: str) -> dict[str, bytes | None]:
    return dict.fromkeys(paths)


def edge_impulse(category: str, **labels: str) -> bytes:
    """An info.labels with a label for each file, cat_1 for cat.1.jpg."""
    files = [
        {
            "path": f"{name.replace('_', '.')}.jpg",
            "name": name,
            "category": category,
            "label": {"type": "label", "label": label} if label else {"type": "unlabeled"},
        }
        for name, label in labels.items()
    ]
    return json.dumps({"version": 1, "files": files}).encode()


LAYOUTS = [
    PictureLayout(
        "a folder for each class: `cat/1.jpg`, `dog/1.jpg`",
        pictures("cat/1.jpg", "cat/deep/2.jpg", "dog/1.jpg"),
        {("cat", ""): ["cat/1.jpg", "cat/deep/2.jpg"], ("dog", ""): ["dog/1.jpg"]},
    ),
    PictureLayout(
        "folders around everything: `archive/pictures/cat/1.jpg`",
        pictures("archive/pictures/cat/1.jpg", "archive/pictures/dog/1.jpg", "archive/licence.txt"),
        {("cat", ""): ["archive/pictures/cat/1.jpg"], ("dog", ""): ["archive/pictures/dog/1.jpg"]},
    ),
    PictureLayout(
        "splits with classes in them: `train/cat/1.jpg`, `val/cat/2.jpg`, `test/cat/3.jpg`",
        pictures(
            "my data/Training/cat/1",
            "my data/Training/dog/1",
            "my data/VALID/cat/2",
            "my data/1-Testing/dog/3",
        ),
        {
            ("cat", "train"): ["my data/Training/cat/1"],
            ("dog", "train"): ["my data/Training/dog/1"],
            ("cat", "val"): ["my data/VALID/cat/2"],
            ("dog", "test"): ["my data/1-Testing/dog/3"],
        },
    ),
    PictureLayout(
        "classes with splits in them: `cat/train/1.jpg`, `cat/test/2.jpg`",
        pictures("cat/train/1.jpg", "cat/test/2.jpg", "dog/Train/1.jpg", "dog/Eval/2.jpg"),
        {
            ("cat", "train"): ["cat/train/1.jpg"],
            ("cat", "test"): ["cat/test/2.jpg"],
            ("dog", "train"): ["dog/Train/1.jpg"],
            ("dog", "test"): ["dog/Eval/2.jpg"],
        },
    ),
    PictureLayout(
        "Kaggle: `seg_train/seg_train/cat/1.jpg`, `seg_test/seg_test/cat/2.jpg`, `seg_pred/seg_pred/3.jpg`",
        pictures(
            *("archive/seg_train/seg_train/cat/1.jpg", "archive/seg_train/seg_train/dog/1.jpg"),
            *("archive/seg_test/seg_test/cat/2.jpg", "archive/seg_pred/seg_pred/3.jpg"),
        ),
        {
            ("cat", "train"): ["archive/seg_train/seg_train/cat/1.jpg"],
            ("dog", "train"): ["archive/seg_train/seg_train/dog/1.jpg"],
            ("cat", "test"): ["archive/seg_test/seg_test/cat/2.jpg"],
        },
    ),
    PictureLayout(
        "Kaggle: `asl_train/asl_train/A/1.jpg`, `asl_test/asl_test/A_test.jpg`",
        pictures(
            "asl_train/asl_train/A/1.jpg", "asl_train/asl_train/B/1.jpg", "asl_test/asl_test/A_test.jpg"
        ),
        {("A", "train"): ["asl_train/asl_train/A/1.jpg"], ("B", "train"): ["asl_train/asl_train/B/1.jpg"]},
    ),
    PictureLayout(
        "Kaggle: packed twice: `xray/train/cat/1.jpg` and `xray/xray/train/cat/1.jpg`",
        pictures(
            *("xray/train/cat/1.jpg", "xray/train/dog/1.jpg", "xray/test/cat/2.jpg"),
            *("xray/xray/train/cat/1.jpg", "xray/xray/train/dog/1.jpg", "xray/xray/test/cat/2.jpg"),
            "xray/__MACOSX/xray/train/cat/._1.jpg",
        ),
        {
            ("cat", "train"): ["xray/train/cat/1.jpg"],
            ("dog", "train"): ["xray/train/dog/1.jpg"],
            ("cat", "test"): ["xray/test/cat/2.jpg"],
        },
    ),
    PictureLayout(
        "pictures without labels: `train/cat/1.jpg`, `test/2.jpg`",
        pictures("train/cat/1.jpg", "train/dog/1.jpg", "test/2.jpg"),
        {("cat", "train"): ["train/cat/1.jpg"], ("dog", "train"): ["train/dog/1.jpg"]},
    ),
    PictureLayout(
        "texts beside pictures: `images/cat/1.jpg`, `annotations/1.xml`",
        {**pictures("images/cat/1.jpg", "images/dog/1.jpg"), "annotations/1.xml": b"", "lists/all.txt": b""},
        {("cat", ""): ["images/cat/1.jpg"], ("dog", ""): ["images/dog/1.jpg"]},
    ),
    PictureLayout(
        "Roboflow, exported as a folder structure: `train/cat/1_jpg.rf.8c2.jpg`, `valid`, `test`",
        {
            **pictures(
                "train/cat/1_jpg.rf.8c2.jpg", "train/dog/2_jpg.rf.a11.jpg", "valid/dog/3_jpg.rf.0f3.jpg"
            ),
            **pictures("test/cat/4_jpg.rf.77a.jpg"),
            "README.roboflow.txt": b"",
            "README.dataset.txt": b"",
        },
        {
            ("cat", "train"): ["train/cat/1_jpg.rf.8c2.jpg"],
            ("dog", "train"): ["train/dog/2_jpg.rf.a11.jpg"],
            ("dog", "val"): ["valid/dog/3_jpg.rf.0f3.jpg"],
            ("cat", "test"): ["test/cat/4_jpg.rf.77a.jpg"],
        },
    ),
    PictureLayout(
        "Roboflow, Ultralytics, exported for detection: `train/images/1.jpg`, `train/labels`",
        {
            **pictures("train/images/1.jpg", "valid/images/2.jpg"),
            "train/labels/1.txt": b"",
            "valid/labels/2.txt": b"",
            "data.yaml": b"",
        },
        refusal="has only the class images; a classifier needs two sub-folders of pictures or more.",
    ),
    PictureLayout(
        "Roboflow, exported as CSV or COCO: `train/1.jpg` and a table",
        {**pictures("train/1.jpg", "test/2.jpg"), "train/_classes.csv": b"", "test/_classes.csv": b""},
        refusal="/train has only files outside of folders",
    ),
    PictureLayout(
        "Edge Impulse: `training/cat.1.jpg`, `testing/dog.2.jpg`, `info.labels`",
        {
            **pictures("export/training/cat.1.jpg", "export/training/dog.1.jpg", "export/training/cat.2.jpg"),
            **pictures("export/testing/dog.2.jpg"),
            "export/training/info.labels": edge_impulse("training", cat_1="a cat", dog_1="a dog", cat_2=""),
            "export/testing/info.labels": edge_impulse("testing", dog_2="a dog"),
        },
        {
            ("a cat", "train"): ["export/training/cat.1.jpg"],
            ("a dog", "train"): ["export/training/dog.1.jpg"],
            ("a dog", "test"): ["export/testing/dog.2.jpg"],
        },
    ),
    PictureLayout(
        "Teachable Machine, a project as a file: `project.tm` (`source: archive`)",
        {**pictures("Class 1-!-0.jpg", "Class 1-!-1.jpg", "Class 2-!-0.jpg"), "manifest.json": b"{}"},
        {("Class 1", ""): ["Class 1-!-0.jpg", "Class 1-!-1.jpg"], ("Class 2", ""): ["Class 2-!-0.jpg"]},
    ),
    PictureLayout(
        "Teachable Machine, samples of each class: `cat-samples.zip`, `dog-samples.zip`",
        {"cat-samples.zip": b"PK", "dog-samples.zip": b"PK"},
        refusal="has no class but archives (cat-samples.zip, dog-samples.zip); unpack each into a sub-folder",
    ),
    PictureLayout(
        "splits without classes: `Training/1.jpg`, `Testing/2.jpg`",
        pictures("Training/1.jpg", "Testing/2.jpg"),
        refusal="/Training has only files outside of folders (Training/1.jpg); put the pictures of each",
    ),
    PictureLayout(
        "two classes that read as splits: `test/1.jpg`, `validation/2.jpg`",
        pictures("test/1.jpg", "validation/2.jpg"),
        refusal="has test, validation, which read as splits, and no train; rename",
    ),
    PictureLayout(
        "a split beside classes: `cat/1.jpg`, `dog/1.jpg`, `test/cat/2.jpg`",
        pictures("cat/1.jpg", "dog/1.jpg", "test/cat/2.jpg"),
        refusal="has test, which reads as a split, beside cat, dog, and no train; put the classes into",
    ),
    PictureLayout(
        "a class called like a split: `train/1.jpg`, `bus/1.jpg`",
        pictures("train/1.jpg", "bus/1.jpg"),
        refusal="has train, which reads as a split, beside bus; keep either train, val and test or one",
    ),
    PictureLayout(
        "one split twice: `train/cat/1.jpg`, `training/cat/2.jpg`",
        pictures("train/cat/1.jpg", "train/dog/1.jpg", "training/cat/2.jpg"),
        refusal="has train and training, which both read as train; join them or rename one.",
    ),
    PictureLayout(
        "splits in some classes only: `cat/train/1.jpg`, `dog/1.jpg`",
        pictures("cat/train/1.jpg", "cat/test/1.jpg", "dog/1.jpg"),
        refusal="/cat has folders (test, train) that read as splits, but",
    ),
    PictureLayout(
        "a class that train lacks: `train/cat/1.jpg`, `test/Cat/2.jpg`",
        pictures("train/cat/1.jpg", "train/dog/1.jpg", "test/Cat/2.jpg"),
        refusal="/test/Cat is a class that",
    ),
    PictureLayout(
        "parts or variants: `color/apple/1.jpg`, `grayscale/apple/1.jpg`",
        pictures("color/apple/1.jpg", "color/pear/1.jpg", "grayscale/apple/1.jpg", "grayscale/pear/1.jpg"),
        refusal="has color, grayscale, with the same folders in each (apple, pear), as if they were parts",
    ),
    PictureLayout(
        "several data sets: `first/train/cat/1.jpg`, `second/train/cat/1.jpg`",
        pictures(
            *(
                f"{a}/{b}/{c}/1.jpg"
                for a in ("first", "second")
                for b in ("train", "test")
                for c in ("cat", "dog")
            )
        ),
        refusal="has folders of its own (cat, dog), as if first were a data set and no class; keep one",
    ),
    PictureLayout(
        "pictures and masks: `images/1.jpg`, `masks/1.png`",
        pictures("images/1.jpg", "masks/1.png"),
        refusal="has images, masks, as if one were pictures and the other what is to be found in them;",
    ),
    PictureLayout(
        "names that look alike: `cat`, `cat` and a space",
        pictures("cat/1.jpg", "cat /1.jpg"),
        refusal="has the classes 'cat' and 'cat ', which differ in spaces and invisible characters only;",
    ),
]
