"""No condition can be lost unnoticed: some test fails without it, and none is made where the check does not look."""

import textwrap
from pathlib import Path

import pytest

from tests.faults.condition_plugin import ALWAYS, Watch
from tests.faults.condition_sites import GIVEN, Condition, Unclear, conditions_in, helpers_in
from tests.faults.conditions import Checked, CouldNotRun, Group, Project, check, conditions_of, run, this_project

pytestmark = pytest.mark.xdist_group("conditions")

CONDITIONS = conditions_of(this_project())

SHOP = """
from microintern.adapters import dynamo

SHOWN = {"Key": "a", "ConditionExpression": "attribute_exists(pk)"}

def keep(client):
    dynamo.commit(client, dynamo.put_new("t", {"pk": "a", "sk": "1"}))

def turn(client, version):
    dynamo.commit(client, dynamo.put_version("t", {"pk": "a", "sk": "2", "version": version}))

def never(client):
    dynamo.commit(client, dynamo.put_new("t", {"pk": "a", "sk": "3"}))

def hidden(client):
    dynamo.commit(client, getattr(dynamo, "put_" + "new")("t", {"pk": "a", "sk": "4"}))
"""

TESTS_OF_SHOP = """
import boto3, moto, pytest
from microintern.adapters.dynamo import Refused
from shop import counter

@pytest.fixture
def client():
    with moto.mock_aws():
        client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )
        yield client

def test_nothing_is_kept_twice(client):
    counter.keep(client)
    with pytest.raises(Refused):
        counter.keep(client)

def test_the_first_turn_comes_once(client):
    counter.turn(client, 1)
    counter.turn(client, 2)
    with pytest.raises(Refused):
        counter.turn(client, 1)

def test_what_is_refused_does_not_matter_here(client):
    try:
        counter.turn(client, 2)
    except Refused:
        pass

def test_that_always_fails(client):
    with pytest.raises(Refused):
        counter.turn(client, 2)
    assert False

def test_shown():
    assert counter.SHOWN["ConditionExpression"] == "attribute_exists(pk)"

def test_hidden(client):
    counter.hidden(client)
"""


@pytest.fixture(scope="session")
def checked() -> Checked:
    """Found out once, which takes minutes, in which the other workers go on with other tests."""
    return check(this_project(), lambda line: None)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project whose tests miss some conditions and pass over others."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "counter.py").write_text(SHOP, encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(TESTS_OF_SHOP, encoding="utf-8")
    return Project(tmp_path, (Group(("shop",), (["test_shop.py"],)),))


@pytest.mark.slow
@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.condition_id)
def test_some_test_fails_without_it(checked: Checked, condition: Condition) -> None:
    if condition in checked.unguarded:
        pytest.fail(f"every test passes without the condition at {condition}", pytrace=False)


@pytest.mark.slow
def test_every_condition_that_is_sent_is_one_of_these(checked: Checked) -> None:
    assert CONDITIONS
    assert checked.unlisted == []


@pytest.mark.slow
def test_a_condition_that_no_test_misses_is_reported(shop: Project) -> None:
    lines: list[str] = []
    found = check(shop, lines.append)
    assert [(it.function, it.text) for it in found.unguarded] == [
        ("turn", "#version = :before"),
        ("never", "attribute_not_exists(#pk)"),
    ]
    assert [it.function for it in found.conditions if it not in found.unguarded] == ["<module>", "keep", "turn"]
    assert [place.rpartition(" ")[2] for place in found.unlisted] == ["(hidden)"]
    assert f"UNGUARDED  {found.unguarded[0]}" in lines


@pytest.mark.slow
def test_tests_that_cannot_run_guard_nothing(shop: Project) -> None:
    with pytest.raises(CouldNotRun):
        run(shop, ["test_nowhere.py"])
    (shop.root / "shop" / "counter.py").write_text("import nothing_of_this_name", encoding="utf-8")
    with pytest.raises(CouldNotRun):
        run(shop, ["test_shop.py"])


def texts_in(root: Path, source: str) -> list[str]:
    (root / "code").mkdir()
    (root / "code" / "module.py").write_text(textwrap.dedent(source), encoding="utf-8")
    return [condition.text for condition in conditions_in(root, ("code",))]


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("dynamo.put('t', item, 'a = :b', b=1)", ["a = :b"]),
        ("dynamo.check('t', at, condition=f'{a} = :b')", ["f'{a} = :b'"]),
        ("dynamo.update('t', at, {}, news, says=dynamo.put_new('t', {}))", ["attribute_not_exists(#pk)", "news"]),
        ("dynamo.put_version('t', item)", ["attribute_not_exists(#pk)", "#version = :before"]),
        ("[dynamo.put_new][0]('t', item)", ["attribute_not_exists(#pk)"]),
        ("new('t', item)", ["attribute_not_exists(#pk)"]),
        ("d.put_new('t', item)", ["attribute_not_exists(#pk)"]),
        ("dynamo.expressions({}, Update='SET a = b', Condition='a = :b')", ["a = :b"]),
        ("client.delete_item(Key=at, ConditionExpression='a = :b')", ["a = :b"]),
        ("x = {'Put': {'ConditionExpression': 'a = :b'}}", ["a = :b"]),
        ("dynamo.put_over('t', item)", []),
        ("dynamo.expressions({}, KeyCondition='a = :b')", []),
        ("other.put_new('t', item)", []),
    ],
)
def test_a_condition_is_found_however_it_is_made(tmp_path: Path, source: str, texts: list[str]) -> None:
    imports = """
    from microintern.adapters import dynamo
    from microintern.adapters import dynamo as d
    from microintern.adapters.dynamo import put_new as new
    """
    assert texts_in(tmp_path, textwrap.dedent(imports) + source) == texts


HELPERS = """
def expressions(values, **texts): return {f"{kind}Expression": text for kind, text in texts.items()}
def with_own(n): return {"Update": expressions({}, **({"Condition": f"{n} = :n"} if n else {}))}
def with_given(condition): return {"Put": {"ConditionExpression": condition}}
def by_another(n): return with_given("a = :a")
def by_one_of_two(n): return with_own(n) if n else with_given("a = :a")
def without(n): return {"Put": expressions({}, KeyCondition="a = :a")}
"""


def test_the_helpers_are_those_that_make_conditions() -> None:
    assert {name: helper.texts for name, helper in helpers_in(HELPERS).items()} == {
        "with_own": ("f'{n} = :n'",),
        "with_given": (GIVEN,),
        "by_another": ("a = :a",),
        "by_one_of_two": ("f'{n} = :n'", "a = :a"),
    }


def test_conditions_of_one_helper_must_be_told_apart() -> None:
    alike = 'def alike(n): return with_given("a = :a") if n else with_given("a = :a")'
    with pytest.raises(Unclear):
        helpers_in(HELPERS + alike)


@pytest.mark.parametrize(
    "source",
    ["request['ConditionExpression'] = 'a = :b'", "dynamo.expressions({}, **dict([('Condition', 'a = :b')]))"],
)
def test_one_that_cannot_be_taken_away_is_an_error(tmp_path: Path, source: str) -> None:
    with pytest.raises(Unclear):
        texts_in(tmp_path, f"from microintern.adapters import dynamo\n{source}")


def test_what_only_the_condition_named_goes_with_it(tmp_path: Path) -> None:
    watch = Watch(tmp_path, [], "this")
    names, values = {"#a": "a", "#v": "version"}, {":a": {"N": "1"}, ":before": {"N": "2"}}
    attributes = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    request = {"UpdateExpression": "SET #a = :a", "ConditionExpression": "#v = :before", **attributes}
    watch.pass_through((("this", "#v = :before"),), {"Update": request})
    assert request == {
        "UpdateExpression": "SET #a = :a",
        "ConditionExpression": ALWAYS,
        "ExpressionAttributeNames": {"#a": "a"},
        "ExpressionAttributeValues": {":a": {"N": "1"}},
    }
