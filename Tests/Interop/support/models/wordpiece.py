"""BERT's uncased tokenizer: clean, lower, strip accents, split at punctuation and CJK, then longest known pieces."""
import unicodedata

CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
       (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def is_punctuation(character):
    code = ord(character)
    ascii_sign = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_sign or unicodedata.category(character).startswith("P")


def is_control(character):
    return character not in "\t\n\r" and unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs")


def words(text):
    spaced = []
    for character in text:
        if character in "\0\ufffd" or is_control(character):
            continue
        alone = any(low <= ord(character) <= high for low, high in CJK)
        spaced.append(f" {character} " if alone else " " if character.isspace() else character)
    for token in "".join(spaced).lower().split():
        token = "".join(c for c in unicodedata.normalize("NFD", token) if unicodedata.category(c) != "Mn")
        start = 0
        for index, character in enumerate(token):
            if is_punctuation(character):
                if index > start:
                    yield token[start:index]
                yield character
                start = index + 1
        if start < len(token):
            yield token[start:]


class WordPiece:
    def __init__(self, vocabulary_file):
        with open(vocabulary_file, encoding="utf-8") as lines:
            self.ids = {line.rstrip("\n"): number for number, line in enumerate(lines)}

    def pieces(self, word):
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self.ids.get(word[start:end] if start == 0 else "##" + word[start:end])
                if piece is not None:
                    break
            else:
                return [self.ids["[UNK]"]]
            found.append(piece)
            start = end
        return found

    def encode(self, text):
        """The ids of all of the text, without [CLS] and [SEP]."""
        return [piece for word in words(text)
                for piece in (self.pieces(word) if len(word) <= 100 else [self.ids["[UNK]"]])]
