"""GPT-2's published weights give GPT-2's logits, from every kind of file, and carry the DAG."""
import io
import json
import math
import urllib.error

import pytest
import torch

from models import gpt2
from models.backbone import KeyValueCache, ModelConfig, ModelError
from models.dag_model import GPT
from toys import SIZES, VOCABULARY, attended, normalised, step_by_step, tokens, with_readers

GPT2_SIZES = dict(vocab_size=VOCABULARY, block_size=20, n_embd=24, n_layer=2)


def gpt2_weights(seed=0):
    """Random weights in Hugging Face's names and shapes, with the mask that some files hold."""
    torch.manual_seed(seed)
    V, T, H = VOCABULARY, 20, 24
    shapes = {"wte.weight": (V, H), "wpe.weight": (T, H), "ln_f.weight": (H,), "ln_f.bias": (H,)}
    for n in range(2):
        for name, out, into in (("attn.c_attn", 3 * H, H), ("attn.c_proj", H, H), ("mlp.c_fc", 4 * H, H),
                                ("mlp.c_proj", H, 4 * H)):
            shapes[f"h.{n}.{name}.weight"], shapes[f"h.{n}.{name}.bias"] = (into, out), (out,)
        shapes.update({f"h.{n}.{name}.{leaf}": (H,) for name in ("ln_1", "ln_2") for leaf in ("weight", "bias")})
    weights = {name: torch.randn(shape) * 0.3 for name, shape in shapes.items()}
    return {**weights, "h.0.attn.bias": torch.ones(1, 1, T, T).tril()}


def write_safetensors(path, tensors, dtype="F32"):
    header, content = {"__metadata__": {"format": "pt"}}, b""
    for name, value in tensors.items():
        raw = value.to(gpt2.DTYPES[dtype]).contiguous().view(torch.uint8).numpy().tobytes()
        header[name] = dict(dtype=dtype, shape=list(value.shape), data_offsets=[len(content), len(content) + len(raw)])
        content += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)
    return path


def gpt2_reference(weights, ids, n_head):
    """Logits (T, vocab_size) of one text, as the paper and OpenAI's code have it."""
    def linear(x, name):
        return x @ weights[name + ".weight"] + weights[name + ".bias"]

    def layer_norm(x, name):
        return normalised(x, weights[name + ".weight"], weights[name + ".bias"])

    x = torch.stack([weights["wte.weight"][token] + weights["wpe.weight"][t] for t, token in enumerate(ids)])
    for n in range(2):
        q, k, v = linear(layer_norm(x, f"h.{n}.ln_1"), f"h.{n}.attn.c_attn").chunk(3, 1)
        x = x + linear(attended(q, k, v, n_head), f"h.{n}.attn.c_proj")
        up = linear(layer_norm(x, f"h.{n}.ln_2"), f"h.{n}.mlp.c_fc")
        up = 0.5 * up * (1 + torch.tanh(math.sqrt(2 / math.pi) * (up + 0.044715 * up**3)))
        x = x + linear(up, f"h.{n}.mlp.c_proj")
    return layer_norm(x, "ln_f") @ weights["wte.weight"].t()


@pytest.mark.slow
def test_gpt2s_weights_give_gpt2s_logits_from_every_kind_of_file(tmp_path):
    weights, ids = gpt2_weights(), tokens(2, 13)
    expected = torch.stack([gpt2_reference({name: value.double() for name, value in weights.items()}, row, 2)
                            for row in ids.tolist()])
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").write_text('{"n_head": 2}')
    paths = [write_safetensors(tmp_path / "folder" / "model.safetensors", weights), tmp_path / "folder",
             write_safetensors(tmp_path / "x.st", {**{"transformer." + name: value for name, value in weights.items()},
                                                   "lm_head.weight": weights["wte.weight"]}), tmp_path / "weights.bin"]
    torch.save(weights, paths[-1])
    for path in paths:
        model = GPT.from_pretrained(path, dict(n_head=2))
        config = model.config
        assert (config.form, config.dag_depth, config.n_head) == ("gpt2", 0, 2)
        assert {name: getattr(config, name) for name in GPT2_SIZES} == GPT2_SIZES
        assert torch.allclose(model.double()(ids)[0], expected, rtol=1e-6, atol=1e-6)
    assert GPT.from_pretrained(tmp_path / "folder").config.n_head == 2
    assert model.get_num_params() == sum(value.numel() for name, value in weights.items() if name != "h.0.attn.bias")
    for dtype, tolerance in (("F16", 0.02), ("BF16", 0.2)):
        half = GPT.from_pretrained(write_safetensors(tmp_path / dtype, weights, dtype), dict(n_head=2))
        assert half(ids)[0].dtype == torch.float and (half(ids)[0] - expected).abs().max() < tolerance * 5


@pytest.mark.slow
def test_a_gpt2_generates_from_its_cache_takes_shorter_texts_and_carries_the_dag(tmp_path):
    path, ids = write_safetensors(tmp_path / "x.safetensors", gpt2_weights()), tokens(3, 7)
    plain = GPT.from_pretrained(path, dict(n_head=2)).eval()
    assert plain.generate(ids, 13, temperature=0).equal(step_by_step(plain, ids, 13))
    cache = KeyValueCache(2)
    parts = [plain.backbone(ids[:, :end], cache) for end in (3, 7)]
    assert torch.allclose(torch.cat(parts, 1), plain.backbone(ids), atol=1e-5)
    with pytest.raises(ModelError, match="21 tokens.*block_size=20"):
        plain(tokens(1, 21))
    before = plain(ids)[0]
    plain.crop_block_size(9)
    assert plain(ids)[0].equal(before) and plain.backbone.position_embedding.weight.shape == (9, 24)
    again = GPT(ModelConfig(**vars(plain.config)))
    again.load_state_dict(plain.state_dict())
    assert again.eval()(ids)[0].equal(before)
    assert GPT.from_pretrained(path, dict(n_head=2, block_size=9)).eval()(ids)[0].equal(before)

    more = {name: SIZES[name] for name in ("dag_depth", "num_initial_values", "max_digits", "max_decimals",
                                           "answer_digits", "answer_decimals", "character_token_ids")}
    model = GPT.from_pretrained(path, dict(n_head=2, **more)).eval()
    with_readers(model, ids, 0.4)
    assert torch.isclose(model.backbone(ids), plain.backbone(ids), atol=1e-5).all()
    assert model.generate(ids, 9, temperature=0).equal(step_by_step(model, ids, 9))


def test_a_model_config_without_a_form_is_of_the_modern_one():
    old = {name: value for name, value in vars(ModelConfig(**SIZES)).items() if name != "form"}
    assert ModelConfig.of(old).form == "modern" and hasattr(GPT(ModelConfig.of(old)).backbone, "run_embedding")


def refusal(path, **override):
    with pytest.raises(ModelError) as caught:
        GPT.from_pretrained(path, dict(n_head=2, **override))
    message = str(caught.value)
    assert "\n" not in message and len(message) < 500 and str(path) in message
    return message


@pytest.mark.slow
def test_weights_that_arent_gpt2s_are_refused_in_one_line(tmp_path):
    weights, path = gpt2_weights(), tmp_path / "x.safetensors"

    def without(name, **more):
        return write_safetensors(path, {**{key: value for key, value in weights.items() if key != name}, **more})

    def changed(name, *shape):
        return without("", **{name: torch.ones(shape)})

    assert "blocks.1.qkv.weight is absent in the file and (72, 24) in" in refusal(without("h.1.attn.c_attn.weight"))
    assert "token_embedding.weight is absent" in refusal(without("wte.weight"))
    assert "blocks.0.up.bias is (95,) in the file and (96,)" in refusal(changed("h.0.mlp.c_fc.bias", 95))
    assert "position_embedding.weight is (20,) in the file" in refusal(changed("wpe.weight", 20))
    assert "holds score.weight" in refusal(changed("score.weight", 2, 24))
    assert "head of its own" in refusal(changed("lm_head.weight", 32, 24))
    assert "holds no GPT-2" in refusal(write_safetensors(path, {"embed.weight": torch.ones(3, 2)}))
    assert "20 positions" in refusal(without(""), block_size=21)
    content = path.read_bytes()
    damages = [content[:-1], content[:200], content[:9], content[:3], b"", content[:8] + b"[" + content[9:],
               content.replace(b'"F32"', b'"F99"'), content.replace(b"[32, 24]", b"[32, 25]", 1),
               b"<html>not found</html>", b"\x02" + bytes(7) + b"[]"]
    for damaged in damages:
        path.write_bytes(damaged)
        assert "truncated or no safetensors file" in refusal(path)
    torch.save({"wte.weight": "no tensor"}, path)
    assert "no state dict" in refusal(path)
    torch.save(weights, path)
    path.write_bytes(path.read_bytes()[:-100])
    assert "can't be read as a torch state dict" in refusal(path)
    (tmp_path / "empty").mkdir()
    assert "neither model.safetensors nor" in refusal(tmp_path / "empty")
    assert "gpt2-medium" in refusal(tmp_path / "absent")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="config.json doesn't say n_head .KeyError"):
        GPT.from_pretrained(without(""))


def test_published_weights_are_fetched_once_or_say_where_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked = []

    def unreachable(address, timeout):
        asked.append((address, timeout))
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    kept = tmp_path / "nanogpt-dag" / "gpt2.safetensors"
    message = refusal("gpt2")
    assert asked == [("https://huggingface.co/gpt2/resolve/main/model.safetensors", 20)]
    assert all(part in message for part in (asked[0][0], "no network", "'gpt2'", str(kept)))

    class Answer(io.BytesIO):
        headers = {}

    content = write_safetensors(tmp_path / "x", gpt2_weights()).read_bytes()
    monkeypatch.setattr("urllib.request.urlopen", lambda address, timeout: Answer(content))
    Answer.headers = {"Content-Length": str(len(content) + 5)}
    assert f"{len(content):,} of {len(content) + 5:,} bytes came" in refusal("gpt2") and not list(kept.parent.iterdir())
    Answer.headers = {"Content-Length": str(len(content))}
    model = GPT.from_pretrained("gpt2", dict(n_head=2))
    assert [path.name for path in kept.parent.iterdir()] == ["gpt2.safetensors"]
    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert GPT.from_pretrained("gpt2", dict(n_head=2))(tokens(1, 5))[0].equal(model(tokens(1, 5))[0])


@pytest.mark.slow
def test_the_optimizer_decays_matrices_only():
    model = GPT(ModelConfig(**{**SIZES, "form": "gpt2"}))
    optimizer = model.configure_optimizers(0.1, 1e-3, (0.9, 0.95), "cpu")
    decayed, plain = optimizer.param_groups
    assert (decayed["weight_decay"], plain["weight_decay"], decayed["lr"]) == (0.1, 0.0, 1e-3)
    assert all(p.ndim >= 2 for p in decayed["params"]) and all(p.ndim < 2 for p in plain["params"])
    assert len(decayed["params"]) + len(plain["params"]) == len(list(model.parameters()))
