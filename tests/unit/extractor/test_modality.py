"""Whether an event is told at all, and with which status: one sentence a row, all that it tells beside speech."""

import pytest

from tests.unit.extractor.coding import Coder, rows, told

NONE: tuple[str, ...] = ()
HAPPENED = (
    ("Jets bombed the port of Poti on Sunday.", "airstrike occurred"),
    ("The army has captured the village of Dolar.", "ground_combat occurred"),
    ("Rebels did shell the town.", "shelling occurred"),
    ("Rebels had been shelling the town.", "shelling occurred"),
    ("Heavy fighting raged in Gori on Sunday.", "ground_combat occurred"),
    ("Gunmen managed to storm the town of Dolar.", "ground_combat occurred"),
    ("The army began shelling the town.", "shelling occurred"),
    ("The army started to withdraw from Gori.", "troop_movement occurred"),
    ("Troops resumed shelling the village on Sunday.", "shelling occurred"),
    ("The president agreed to a ceasefire.", "ceasefire occurred"),
    ("Turkey has imposed sanctions on Syria.", "sanction occurred"),
    ("The two presidents met in Vienna on Sunday.", "talks occurred"),
    ("Thousands of villagers fled to Sudan.", "displacement occurred"),
)
NEGATED = (
    ("Jets did not bomb the port.", *NONE),
    ("The army never entered the town of Dolar.", *NONE),
    ("No troops crossed the border.", *NONE),
    ("None of the soldiers was captured.", *NONE),
    ("Nobody was arrested.", *NONE),
    ("The town was not shelled on Sunday.", *NONE),
    ("There was no fighting in the capital.", *NONE),
    ("Neither side shelled the town.", *NONE),
    ("There were no clashes in Gori on Sunday.", *NONE),
    ("The rebels left without attacking the garrison.", *NONE),
    ("No sanctions were imposed on Sudan.", *NONE),
    ("The border was never closed.", *NONE),
)
FAILED = (
    ("Rebels failed to capture the town of Dolar.", *NONE),
    ("The army refused to withdraw from Gori.", *NONE),
    ("The guards prevented the rebels from storming the barracks.", *NONE),
    ("Police foiled a suicide attack on the market.", *NONE),
    ("The pilot avoided being captured.", *NONE),
    ("The government declined to impose sanctions on Sudan.", *NONE),
    ("The raid on the camp was called off.", *NONE),
    ("Plans for an offensive against Dolar were abandoned.", *NONE),
    ("The army was unable to retake the airport.", *NONE),
    ("The president ruled out sending troops to Libya.", *NONE),
    ("The army stopped short of bombing the capital.", *NONE),
    ("Police averted an attack on the airport.", *NONE),
    ("The rebels withdrew instead of attacking Gori.", "troop_movement occurred"),
    ("The army put off the assault on Gori.", *NONE),
)
CONDITIONAL = (
    ("If the rebels attack Gori, the army will answer.", *NONE),
    ("The army will answer if Gori is shelled.", *NONE),
    ("Unless the troops withdraw from Gori, there will be trouble.", *NONE),
    ("It was unclear whether jets had bombed the bridge.", *NONE),
    ("Should the rebels attack Gori, the army will answer.", *NONE),
    ("Had the army shelled the town, hundreds would have died.", *NONE),
    ("Jets would have bombed the bridge.", *NONE),
    ("A raid would have killed hundreds of civilians.", *NONE),
    ("Rebels could attack the airport.", *NONE),
    ("The army may withdraw from Gori.", *NONE),
    ("Jets might bomb the bridge.", *NONE),
    ("A possible attack on Gori worries residents.", *NONE),
    ("Fears of an invasion grew in Gori.", *NONE),
    ("The risk of shelling keeps families away.", *NONE),
    ("The ministry warned of possible air strikes.", *NONE),
    ("Any attack on Gori would be a mistake.", *NONE),
)
PURPOSE = (
    ("The army built a wall to stop rebels from shelling the town.", *NONE),
    ("Guards searched cars in order to prevent a car bomb attack.", *NONE),
    ("The general needs more tanks to capture the city.", *NONE),
    ("The city marked the anniversary of the bombing.", *NONE),
    ("The ministry bought drones to bomb rebel camps.", *NONE),
)
TO_COME = (
    ("Troops were about to storm the town of Dolar.", "ground_combat announced"),
    ("The army is set to withdraw from Gori.", "troop_movement announced"),
    ("The evacuation of the village is due to begin on Friday.", "evacuation announced"),
    ("The ceasefire is expected to take effect on Friday.", "ceasefire announced"),
    ("The two presidents are to meet in Vienna on Friday.", "talks announced"),
    ("Peace talks are scheduled to open in Geneva.", "talks announced"),
    ("The army will withdraw from Gori on Friday.", "troop_movement announced"),
    ("Turkey will close its airspace on Friday.", "flight_ban announced"),
    ("The European Union will impose sanctions on Syria.", "sanction announced"),
    ("The authorities plan to evacuate the village.", "evacuation announced"),
    ("The government decided to close the border with Syria.", "border_closure announced"),
    ("Ankara announced plans to send troops to Libya.", "troop_movement announced"),
    ("A planned evacuation of the village was announced.", "evacuation announced"),
    ("Peace talks in Geneva are planned for Friday.", "talks announced"),
    ("Moscow promised to withdraw its troops from Gori.", "troop_movement announced"),
    ("The two sides intend to meet in Vienna.", "talks announced"),
    ("The council is preparing to evacuate the town.", "evacuation announced"),
    ("The president announced the mobilization of reservists.", "mobilization announced"),
)
ASKED = (
    ("The United Nations called for a ceasefire in Gaza.", "ceasefire called_for"),
    ("The president urged the rebels to withdraw from the town.", "troop_movement called_for"),
    ("Officials ordered residents to leave the town.", "evacuation called_for"),
    ("The mayor demanded the evacuation of the village.", "evacuation called_for"),
    ("Turkey demanded that the troops withdraw from Gori.", "troop_movement called_for"),
    ("The opposition called on the government to close the border.", "border_closure called_for"),
    ("The general ordered his troops to attack the town.", "ground_combat called_for"),
    ("The council asked both sides to cease fire.", "ceasefire called_for"),
    ("Sanctions should be imposed on Sudan, the minister said.", "sanction called_for"),
    ("The troops must withdraw from Gori, the mayor said.", "troop_movement called_for"),
    ("The European Union appealed for a humanitarian corridor to Gaza.", "humanitarian_appeal called_for"),
    ("Villagers were told to evacuate.", "evacuation called_for"),
    ("Residents were urged to leave the town of Dolar.", "evacuation called_for"),
    ("The party requested a no-fly zone over Libya.", "flight_ban called_for"),
)
THREATENED = (
    ("The militia threatened to shell the city.", "shelling threatened"),
    ("The general vowed to shoot down enemy planes.", "aircraft_downing threatened"),
    ("Rebels threatened attacks on the oil terminal.", "ground_combat threatened"),
    ("The president threatened sanctions against Iran.", "sanction threatened"),
    ("The group warned that it would kill the hostages.", "killing threatened"),
    ("The rebels vowed to attack the capital.", "ground_combat threatened"),
    ("Threats to close the strait worried traders.", "border_closure threatened"),
    ("The rebels warned that their gunners would shell the port.", "shelling threatened"),
    ("The rebels vowed to withdraw from Gori.", "troop_movement announced"),
)
DENIED = (
    ("The army denied that its forces had shelled Kharkiv.", *NONE),
    ("The ministry denied shelling the school.", *NONE),
    ("The rebels rejected a ceasefire.", *NONE),
    ("The spokesman dismissed reports of an invasion.", *NONE),
    ("The army said that it did not bomb the hospital.", *NONE),
    ("The minister denied any involvement in an attack on Gori.", *NONE),
    ("The minister denied any involvement in the attack on Gori.", "ground_combat occurred"),
    ("The general denied responsibility for the shelling of Gori.", "shelling occurred"),
    ("Reports of an invasion were denied by the ministry.", *NONE),
    ("The claim that jets had bombed Gori was dismissed by Moscow.", *NONE),
    ("The army called reports of an air strike on Gori false.", *NONE),
)
OVER = (
    ("The government lifted the curfew in Gori.", "border_closure ended"),
    ("Flights to Tbilisi resumed on Sunday.", "flight_ban ended"),
    ("Turkey reopened its airspace.", "flight_ban ended"),
    ("The truce collapsed on Sunday.", "ceasefire ended"),
    ("Rebels broke the ceasefire.", "ceasefire ended"),
    ("The European Union lifted sanctions on Serbia.", "sanction ended"),
    ("The hostages were freed on Sunday.", "detention ended"),
    ("The border with Syria was reopened.", "border_closure ended"),
    ("The blockade of the port has ended.", "border_closure ended"),
    ("The army ended its blockade of the port.", "border_closure ended"),
    ("The army stopped shelling the town.", "shelling ended"),
    ("The rebels agreed to stop shelling the town.", *NONE),
    ("The government called off the talks in Vienna.", "talks ended"),
)
GOING_ON = (
    ("Fighting continues near Gori.", "ground_combat ongoing"),
    ("Jets are bombing the suburbs.", "airstrike ongoing"),
    ("Thousands of villagers are fleeing the town.", "displacement ongoing"),
    ("The shelling of Gori goes on.", "shelling ongoing"),
    ("Ongoing clashes near Gori worry residents.", "ground_combat ongoing"),
    ("Gori is under heavy artillery fire.", "shelling ongoing"),
    ("Troops keep crossing the border into Sudan.", "troop_movement ongoing"),
    ("The evacuation of the village is under way.", "evacuation ongoing"),
    ("Fighting is raging around the airport.", "ground_combat ongoing"),
    ("Peace talks between Syria and Israel are in progress.", "talks ongoing"),
    ("The airport in Gori has been shut since Friday.", "flight_ban ongoing"),
    ("The border with Syria remains closed.", "border_closure ongoing"),
    ("The hospital in Gori was without power.", "damage ongoing"),
    ("The airport in Gori has been shut since the war broke out.", "flight_ban ongoing"),
    ("Chad hosts 20,000 refugees from Sudan.", "displacement ongoing"),
    ("The truce in Gori appeared to hold.", "ceasefire ongoing"),
)
TABLE = (*HAPPENED, *NEGATED, *FAILED, *CONDITIONAL, *PURPOSE, *TO_COME, *ASKED, *THREATENED, *DENIED, *OVER, *GOING_ON)
GAPS: tuple[tuple[str, str], ...] = (
    (
        "Threats to close the strait worried traders.",
        "gives nothing: the parser reads no verb in it",
    ),
)


@pytest.mark.parametrize(("sentence", "expected"), rows(((s, set(e)) for s, *e in TABLE), GAPS))
def test_status(coder: Coder, sentence: str, expected: set[str]) -> None:
    got = {f"{kind} {status}" for kind, status in told(coder.code(sentence))}
    assert got == expected, f"gives {', '.join(sorted(got)) or 'nothing'}"


def test_the_table_is_wide() -> None:
    assert len(TABLE) >= 80
