/** The rule as groups of conditions: all, any, none; everything by mouse and by keyboard. */
import { ActionIcon, Button, Menu, NativeSelect, Tooltip } from "@mantine/core";
import { add, move, remove, update, type Path } from "@react-querybuilder/core";
import { useSay, type Say } from "../i18n";
import { Icon } from "../parts/Icon";
import { Drawn, useDrawing, type Drawing } from "./drawing";
import { AttributeRow, ConsentRow, EventRow, SegmentRowEditor, TextRow } from "./rows";
import { isGroup, newCondition, newGroup, toPart, type Condition, type Group, type Kind } from "./tree";

const KINDS: Kind[] = ["event", "attribute", "segment", "consent", "text"];

export function Visual(drawing: Drawing) {
  return (
    <Drawn.Provider value={drawing}>
      <GroupBox group={drawing.group} path={[]} place="" />
    </Drawn.Provider>
  );
}

function GroupBox({ group, path, place }: { group: Group; path: Path; place: string }) {
  const say = useSay();
  const { group: whole, change } = useDrawing();
  const how = `${group.not ? "not-" : ""}${group.combinator}`;
  const name = path.length ? say("builder.group", { n: place }) : say("builder.whole");
  const parts = group.rules.filter((each): each is Group | Condition => typeof each !== "string");
  function choose(chosen: string) {
    const [combinator, not] = [chosen.replace("not-", ""), chosen.startsWith("not-")];
    change(update(update(whole, "combinator", combinator, path), "not", not, path) as Group);
  }
  return (
    <div role="group" aria-label={name} className={path.length ? "group group-inner" : "group"}>
      {(parts.length > 1 || path.length > 0 || group.not) && (
        <div className="group-head">
          <NativeSelect
            size="sm"
            aria-label={say("builder.how")}
            value={how}
            onChange={(event) => choose(event.currentTarget.value)}
            data={["and", "or", "not-or", "not-and"].map((value) => ({ value, label: say(`builder.how.${value}` as "builder.how.and") }))}
          />
          {path.length > 0 && <Tools path={path} name={name} />}
        </div>
      )}
      <ul className="parts" data-how={say(`builder.join.${how}` as "builder.join.and")}>
        {parts.map((part, index) => {
          const own = place ? `${place}.${index + 1}` : `${index + 1}`;
          return (
            <li key={part.id}>
              {index > 0 && <span className="joint" aria-hidden="true">{say(group.combinator === "and" ? "builder.and" : "builder.or")}</span>}
              {isGroup(part) ? <GroupBox group={part} path={[...path, index]} place={own} /> : <ConditionBox condition={part} path={[...path, index]} place={own} />}
            </li>
          );
        })}
      </ul>
      <AddPart path={path} isFirst={!path.length && !parts.length} />
    </div>
  );
}

function AddPart({ path, isFirst }: { path: Path; isFirst: boolean }) {
  const say = useSay();
  const { group, change, segments, own } = useDrawing();
  const segment = segments.find((each) => each.slug !== own)?.slug ?? "";
  const kinds = KINDS.filter((kind) => kind !== "segment" || segment);
  return (
    <div className="add">
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant={isFirst ? "filled" : "light"} size="sm" leftSection={<Icon name="plus" size={16} />}>
            {say("builder.add")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {kinds.map((kind) => (
            <Menu.Item key={kind} onClick={() => change(add(group, newCondition(kind, segment), path) as Group)}>
              <div>{say(`builder.kind.${kind}`)}</div>
              <div className="row-about">{say(`builder.kind.${kind}.about`)}</div>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {!isFirst && path.length < 5 && (
        <Button variant="subtle" size="sm" onClick={() => change(add(group, newGroup(segment), path) as Group)}>
          {say("builder.add_group")}
        </Button>
      )}
    </div>
  );
}

function Tools({ path, name }: { path: Path; name: string }) {
  const say = useSay();
  const { group, change } = useDrawing();
  const isFirst = path.every((each) => each === 0);
  const act = (icon: "up" | "down" | "close", label: string, done: Group, disabled = false) => (
    <Tooltip label={label} key={icon}>
      <ActionIcon variant="subtle" color="gray" className="quiet" size={26} aria-label={`${label}: ${name}`} disabled={disabled} onClick={() => change(done)}>
        <Icon name={icon} size={16} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <span className="tools">
      {act("up", say("builder.up"), isFirst ? group : (move(group, path, "up") as Group), isFirst)}
      {act("down", say("builder.down"), move(group, path, "down") as Group)}
      {act("close", say("builder.remove"), remove(group, path) as Group)}
    </span>
  );
}

function ConditionBox({ condition, path, place }: { condition: Condition; path: Path; place: string }) {
  const say = useSay();
  const { group, change } = useDrawing();
  const name = say("builder.condition", { n: place });
  const set = (value: unknown) => {
    const part = condition.field === "text" ? toPart(value) : { ...condition, value };
    // a text that became a group, or something that can be drawn, takes the place of the block
    const parent = path.slice(0, -1);
    const index = path.at(-1)!;
    const held = parent.reduce<Group>((found, each) => found.rules[each] as Group, group);
    const rules = held.rules.map((each, at) => (at === index ? part : each)) as Group["rules"];
    change(parent.length ? (update(group, "rules" as "not", rules, parent) as Group) : { ...group, rules });
  };
  return (
    <div className={`condition condition-${condition.field}`} role="group" aria-label={name}>
      <div className="condition-parts">{row(condition, set, say)}</div>
      <Tools path={path} name={name} />
    </div>
  );
}

function row(condition: Condition, set: (value: unknown) => void, say: Say) {
  switch (condition.field) {
    case "event":
      return <EventRow node={condition.value} set={set} />;
    case "attribute":
      return <AttributeRow node={condition.value} set={set} />;
    case "segment":
      return <SegmentRowEditor node={condition.value} set={set} />;
    case "consent":
      return <ConsentRow node={condition.value} set={set} />;
    default:
      return <TextRow node={condition.value} set={set} label={say("builder.kind.text")} />;
  }
}
