"""What `--json` prints and what goes over control sockets, held against the schema that is shipped."""
import json
import os
import urllib.parse

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "../../Sources/MeshControl/MeshControl.docc/Schema/thicket-1.schema.json")

with open(PATH, encoding="utf-8") as file:
    SCHEMA = json.load(file)
Draft202012Validator.check_schema(SCHEMA)
DEFINITIONS = SCHEMA["$defs"]

# Kinds that tests have seen of each definition.
seen = {}

_validators = {}


def reference(name):
    return "#/$defs/" + urllib.parse.quote(name)


def validator(name):
    """What checks a definition."""
    if name not in _validators:
        _validators[name] = Draft202012Validator({"$ref": reference(name), "$defs": DEFINITIONS})
    return _validators[name]


def parts(name):
    """The definitions of objects that one of alternatives is made of."""
    schema = DEFINITIONS[name]
    if "properties" in schema:
        return [name]
    return [urllib.parse.unquote(item["$ref"].rsplit("/", 1)[1]) for item in schema.get("oneOf", [schema])]


def problem(item, name):
    """What is wrong with an object that should be as a definition says; None if nothing is."""
    errors = {}
    for part in parts(name):
        if DEFINITIONS[part]["properties"]["kind"]["const"] != item.get("kind"):
            continue
        error = best_match(validator(part).iter_errors(item))
        if error is None:
            seen.setdefault(name, set()).add(part)
            return None
        errors[part] = f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
    if not errors:
        return f"{name} has no kind '{item.get('kind')}'"
    return f"{name}: " + "; ".join(f"{part}: {text}" for part, text in errors.items())


def check(line, name):
    """An object from its line, which must be as a definition says."""
    item = json.loads(line)
    trouble = problem(item, name)
    if trouble:
        raise AssertionError(f"{trouble}\n{line}")
    return item


def is_request(item, name):
    """Whether an object is a request as the schema says."""
    return validator("request " + name).is_valid(item)
