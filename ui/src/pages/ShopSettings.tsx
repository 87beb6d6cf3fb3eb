/** The shop's settings: shown to all, changed by an admin, who is told what a change means before it is saved. */
import { Button, Group as Row, NativeSelect, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { ask, queries, useGet, type Problem, type Setting, type Settings, type SettingsChanged } from "../api";
import { useSay } from "../i18n";
import { Section } from "../parts/common";
import { begin, RefreshButton } from "../parts/jobs";
import { Answer, Trouble } from "../parts/states";
import { useMay } from "../session";

const GROUPS = ["shop", "audit", "lifecycle", "rfm", "cleaning"] as const;
const groupOf = (key: string) => (key.includes(".") ? key.split(".")[0] : "shop");
const shown = (setting: Setting) => (setting.value === null ? "" : String(setting.value));

export function ShopSettings() {
  const say = useSay();
  const isAdmin = useMay("admin");
  const told = useGet<Settings>("/settings");
  return (
    <Section id="shop" title={say("settings.shop")} about={say(isAdmin ? "settings.shop.file" : "settings.shop.about")}>
      <Answer of={told}>{(found) => (isAdmin ? <Form key={found.version} told={found} /> : <Facts rows={found.rows} />)}</Answer>
    </Section>
  );
}

function Facts({ rows }: { rows: Setting[] }) {
  const say = useSay();
  return (
    <Paper p="md" className="card" maw={720}>
      <dl className="facts">
        {rows.filter((each) => groupOf(each.key) === "shop").map((each) => (
          <div key={each.key}>
            <dt>{each.name}</dt>
            <dd>{each.choices[shown(each)] ?? (shown(each) || say("settings.unset"))}</dd>
          </div>
        ))}
      </dl>
    </Paper>
  );
}

// what was saved last is told beside the form that shows it, which begins anew with each version
let saved: SettingsChanged | null = null;

function Form({ told }: { told: Settings }) {
  const say = useSay();
  const [values, setValues] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const changed = told.rows.filter((each) => each.key in values && values[each.key] !== shown(each));
  const done = saved?.version === told.version ? saved : null;

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const body = { values: Object.fromEntries(changed.map((each) => [each.key, asked(each, values[each.key] ?? "")])) };
      saved = await ask<SettingsChanged>("/settings", { method: "PATCH", body, ifMatch: told.version });
      await queries.invalidateQueries();
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }

  return (
    <form onSubmit={(event) => void save(event)} aria-label={say("settings.shop")}>
      <Paper p="md" className="card" maw={720}>
        <Stack gap="lg">
          {GROUPS.map((group) => (
            <fieldset key={group} className="settings-group">
              <legend>{say(`settings.group.${group}`)}</legend>
              <Stack gap="sm">
                {told.rows.filter((each) => groupOf(each.key) === group).map((each) => (
                  <Field key={each.key} setting={each} value={values[each.key] ?? shown(each)} isChanged={changed.includes(each)} set={(value) => setValues({ ...values, [each.key]: value })} />
                ))}
              </Stack>
            </fieldset>
          ))}
          <Trouble of={problem} />
          {problem?.status === 412 && (
            <Row><Button variant="default" onClick={() => { setValues({}); setProblem(null); void queries.invalidateQueries({ queryKey: ["/settings"] }); }}>{say("settings.reload")}</Button></Row>
          )}
          <Row justify="space-between">
            <Text size="sm" c="dimmed" role="status">{changed.length > 0 ? say("settings.unsaved", { n: changed.length }) : done ? say("settings.saved") : ""}</Text>
            <Row gap="xs">
              {changed.length > 0 && <Button variant="default" onClick={() => { setValues({}); setProblem(null); }}>{say("settings.discard")}</Button>}
              <Button type="submit" disabled={!changed.length} loading={busy}>{say("settings.save")}</Button>
            </Row>
          </Row>
          {done && !changed.length && done.needs.map((need) => <Needed key={need} need={need} />)}
        </Stack>
      </Paper>
    </form>
  );
}

/** What is sent for what was typed: nothing takes back what was set; a number that is none is left for the API to refuse. */
function asked(setting: Setting, typed: string): string | number | null {
  const value = typed.trim();
  if (!value) return null;
  return setting.kind === "number" && /^[0-9]+$/.test(value) ? Number(value) : value;
}

function Field({ setting, value, isChanged, set }: { setting: Setting; value: string; isChanged: boolean; set: (value: string) => void }) {
  const say = useSay();
  const usual = setting.usual === null || setting.usual === "" ? null : (setting.choices[String(setting.usual)] ?? String(setting.usual));
  const about = `${setting.about}${usual && setting.kind !== "zone" ? ` ${say("settings.usual", { value: usual })}` : ""}`;
  const shared = { label: setting.name, description: about, value, onChange: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value) };
  return (
    <div>
      {setting.kind === "choice" ? (
        <NativeSelect {...shared} data={Object.entries(setting.choices).map(([key, name]) => ({ value: key, label: name }))} />
      ) : (
        <TextInput
          {...shared}
          list={setting.kind === "zone" ? "time-zones" : undefined}
          inputMode={setting.kind === "number" ? "numeric" : setting.kind === "amount" ? "decimal" : undefined}
          maxLength={setting.kind === "currency" ? 3 : setting.kind === "country" ? 2 : 200}
          placeholder={setting.key.startsWith("lifecycle.") ? say("settings.measured") : say("settings.unset")}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {setting.kind === "zone" && <datalist id="time-zones">{Object.keys(setting.choices).map((zone) => <option key={zone} value={zone} />)}</datalist>}
      {isChanged && <Text size="sm" className="setting-change" role="status">{setting.change}</Text>}
    </div>
  );
}

function Needed({ need }: { need: "run" | "audit" }) {
  const say = useSay();
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <div className="setting-needed">
      <Text size="sm">{say(`settings.needs.${need}`)}</Text>
      {need === "run" ? <RefreshButton /> : <Button variant="default" onClick={() => void begin("/jobs", { kind: "audit" }).catch((error: Problem) => setProblem(error))}>{say("settings.needs.audit.now")}</Button>}
      <Trouble of={problem} />
    </div>
  );
}
