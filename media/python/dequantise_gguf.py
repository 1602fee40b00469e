"""Makes a folder that can be trained out of a GGUF file: weights in single precision, tokenizer and chat template.

    python dequantise_gguf.py FILE.gguf FOLDER

Needs torch, transformers and gguf.
"""

import os
import sys


def main(file, folder):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source, name = os.path.split(os.path.abspath(file))
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(source, gguf_file=name, dtype=torch.float32)
    # The weights are whole numbers no more; what is left of that would make transformers refuse to save them.
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
