"""Scores as people read them: probabilities where they are, else the scores."""

import numpy as np

from squeezenet_lib.ranking import UNKNOWN, in_json, in_words, rank

NAMES = ("cat", "dog", "hen")


def test_probabilities_likeliest_first() -> None:
    ranking = rank(NAMES, np.array([-128, 64, 63], np.int8), probabilities=True)
    assert in_words(ranking) == "dog 0.750, hen 0.746, cat 0.000"
    assert in_json(ranking) == {"answer": "dog", "probabilities": {"dog": 0.75, "hen": 191 / 256, "cat": 0.0}}


def test_logits_stay_scores() -> None:
    ranking = rank(NAMES, np.array([-128, 127, -3], np.int8), probabilities=False)
    assert in_words(ranking) == "dog score 127, hen score -3, cat score -128"
    assert in_json(ranking) == {"answer": "dog", "scores": {"dog": 127, "hen": -3, "cat": -128}}


def test_of_equal_scores_the_first_class_comes_first() -> None:
    for probabilities in (True, False):
        ranking = rank(NAMES, (5, 7, 7), probabilities)
        assert [name for name, _ in ranking.places] == ["dog", "hen", "cat"]


def test_an_answer_that_need_not_be_the_highest_comes_first() -> None:
    scores = np.array([-64, 64, -128], np.int8)
    ranking = rank(NAMES, scores, probabilities=True, answer=0)
    assert in_words(ranking) == "cat; dog 0.750, cat 0.250, hen 0.000"
    assert in_json(ranking)["answer"] == "cat"
    unknown = rank(NAMES, scores, probabilities=True, answer=UNKNOWN)
    assert in_words(unknown) == "unknown; dog 0.750, cat 0.250, hen 0.000"
    assert in_json(unknown) == {"answer": None, "probabilities": {"dog": 0.75, "cat": 0.25, "hen": 0.0}}


def test_where_a_rule_answers_it_is_told_even_when_it_answers_with_the_highest() -> None:
    assert in_words(rank(NAMES, (5, 7, 6), probabilities=False, answer=1)).startswith("dog; dog score 7, ")
