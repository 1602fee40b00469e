# Grades lines of JSON (gold, prediction) from stdin with Math-Verify; prints a line of JSON each: correct, ms.
import json
import sys
import time
import warnings

warnings.filterwarnings('ignore')
import logging

logging.disable(logging.CRITICAL)
from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig, parse, verify

CONFIG = (LatexExtractionConfig(), ExprExtractionConfig(), StringExtractionConfig())


def read(text):
    return parse(text, extraction_config=CONFIG)


def bare(text):
    # LaTeX without delimiters is not looked at.
    known = '$' in text or '\\boxed' in text or '\\(' in text or '\\[' in text
    return text if known or '\\' not in text else f'${text}$'


for line in sys.stdin:
    row = json.loads(line)
    began = time.perf_counter()
    try:
        gold = read(bare(row['gold']))
        prediction = read(bare(row['prediction']) if row['shape'] == 'bare' else row['prediction'])
        correct = bool(verify(gold, prediction, float_rounding=row.get('precision', 6)))
        failure = None
    except Exception as error:
        correct, failure = False, type(error).__name__
    print(json.dumps({'correct': correct, 'ms': (time.perf_counter() - began) * 1000, 'failure': failure}), flush=True)
