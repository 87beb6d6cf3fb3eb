/** Settings: one's own language and password; for an admin, who may sign in, keys of programs, lists taken out. */
import { Button, Checkbox, CopyButton, Group as Row, Modal, NativeSelect, Paper, PasswordInput, SegmentedControl, Stack, Text, TextInput, useMantineColorScheme } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { ask, Problem, queries, useGet, type Key, type Language, type Role, type Scope, type TakenOut, type User } from "../api";
import { useFormat } from "../format";
import { useLanguage, useNamed, useSay } from "../i18n";
import { Head, Rows, Section } from "../parts/common";
import { Confirm } from "../parts/Confirm";
import { Icon } from "../parts/Icon";
import { Answer, Trouble } from "../parts/states";
import { chooseLanguage } from "../parts/switches";
import { useMay, useSession } from "../session";
import { ShopSettings } from "./ShopSettings";

export default function Settings() {
  const say = useSay();
  const isAdmin = useMay("admin");
  return (
    <>
      <Head title={say("nav.settings")} />
      <Own />
      <ShopSettings />
      {isAdmin && <Users />}
      {isAdmin && <Keys />}
      {isAdmin && <Taken />}
    </>
  );
}

/** Do something that may fail, and say so where it was asked for. */
function useAct() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function act(what: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      await what();
      return true;
    } catch (error) {
      setProblem(error as Problem);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { problem, busy, act };
}

function Own() {
  const say = useSay();
  const language = useLanguage();
  const session = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const { problem, busy, act } = useAct();
  async function change(event: FormEvent) {
    event.preventDefault();
    setDone(await act(() => ask("/session/user", { method: "PATCH", body: { password } })));
    setPassword("");
  }
  return (
    <Section title={say("settings.own", { name: session.user?.name ?? "" })}>
      <Paper p="md" className="card" maw={720}>
        <Stack>
          <div>
            <Text size="sm" fw={500} mb={4}>{say("settings.language")}</Text>
            <SegmentedControl aria-label={say("settings.language")} value={language} onChange={(value) => void chooseLanguage(value as Language)} data={[{ value: "es", label: "Español" }, { value: "en", label: "English" }]} />
          </div>
          <div>
            <Text size="sm" fw={500} mb={4}>{say("settings.scheme")}</Text>
            <SegmentedControl aria-label={say("settings.scheme")} value={colorScheme} onChange={(value) => setColorScheme(value as "auto")} data={[{ value: "auto", label: say("scheme.auto") }, { value: "light", label: say("scheme.light") }, { value: "dark", label: say("scheme.dark") }]} />
          </div>
          <form onSubmit={(event) => void change(event)}>
            <Row align="flex-end">
              <PasswordInput label={say("settings.password")} autoComplete="new-password" value={password} onChange={(event) => { setPassword(event.currentTarget.value); setDone(false); }} miw={260} visibilityToggleButtonProps={{ "aria-label": say("user.password.show") }} />
              <Button type="submit" variant="default" disabled={!password} loading={busy}>{say("settings.password.change")}</Button>
            </Row>
            {done && <Text role="status" size="sm" className="good">{say("settings.password.done")}</Text>}
            <Trouble of={problem} />
          </form>
        </Stack>
      </Paper>
    </Section>
  );
}

const ROLES: Role[] = ["viewer", "editor", "admin"];

function Users() {
  const say = useSay();
  const format = useFormat();
  const me = useSession().user;
  const users = useGet<User[]>("/users");
  const [adding, setAdding] = useState(false);
  const { problem, act } = useAct();
  const changed = () => queries.invalidateQueries({ queryKey: ["/users"] });
  const change = (user: User, body: Partial<User>) => act(() => ask(`/users/${user.id}`, { method: "PATCH", body }).then(changed));
  return (
    <Section title={say("users")} about={say("users.about")} action={<Button variant="default" size="sm" onClick={() => setAdding(true)} leftSection={<Icon name="plus" size={14} />}>{say("users.add")}</Button>}>
      <Trouble of={problem} />
      <Answer of={users}>
        {(told) => (
          <Paper>
            <Rows<User>
              caption={say("users")}
              rows={told}
              rowKey={(user) => user.id}
              columns={[
                { key: "name", name: say("user.name"), cell: (user) => <strong>{user.name}</strong> },
                { key: "role", name: say("role"), cell: (user) => (user.id === me?.id ? say(`role.${user.role}`) : <NativeSelect size="xs" aria-label={`${say("role")}: ${user.name}`} value={user.role} onChange={(event) => void change(user, { role: event.currentTarget.value as Role })} data={ROLES.map((value) => ({ value, label: say(`role.${value}`) }))} />) },
                { key: "sees", name: say("users.sees"), cell: (user) => (user.id === me?.id || user.role === "admin" ? say(user.sees_personal || user.role === "admin" ? "yes" : "no") : <Checkbox aria-label={`${say("users.sees")}: ${user.name}`} checked={user.sees_personal} onChange={(event) => void change(user, { sees_personal: event.currentTarget.checked })} />) },
                { key: "since", name: say("person.since"), hideBelow: "sm", cell: (user) => format.date(user.created_at) },
                { key: "remove", name: say("remove"), isAction: true, cell: (user) => (user.id === me?.id ? <span className="dim">{say("users.you")}</span> : <Confirm title={say("users.remove.sure", { name: user.name })} about={say("users.remove.about")} go={say("remove")} label={say("users.remove", { name: user.name })} act={() => ask(`/users/${user.id}`, { method: "DELETE" }).then(changed)}>{say("remove")}</Confirm>) },
              ]}
            />
          </Paper>
        )}
      </Answer>
      <Modal opened={adding} onClose={() => setAdding(false)} title={say("users.add")} closeButtonProps={{ "aria-label": say("close") }}>
        <NewUser done={() => { setAdding(false); void changed(); }} />
      </Modal>
    </Section>
  );
}

function NewUser({ done }: { done: () => void }) {
  const say = useSay();
  const language = useLanguage();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [sees, setSees] = useState(false);
  const { problem, busy, act } = useAct();
  async function add(event: FormEvent) {
    event.preventDefault();
    if (await act(() => ask("/users", { body: { name: name.trim(), password, role, language, sees_personal: sees } }))) done();
  }
  return (
    <form onSubmit={(event) => void add(event)}>
      <Stack>
        <TextInput label={say("user.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} required maxLength={80} autoComplete="off" data-autofocus />
        <PasswordInput label={say("user.password")} value={password} onChange={(event) => setPassword(event.currentTarget.value)} required maxLength={200} autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": say("user.password.show") }} />
        <NativeSelect label={say("role")} description={say(`role.${role}.about`)} value={role} onChange={(event) => setRole(event.currentTarget.value as Role)} data={ROLES.map((value) => ({ value, label: say(`role.${value}`) }))} />
        {role !== "admin" && <Checkbox label={say("users.sees.long")} checked={sees} onChange={(event) => setSees(event.currentTarget.checked)} />}
        <Trouble of={problem} />
        <Row justify="flex-end"><Button type="submit" loading={busy}>{say("users.add")}</Button></Row>
      </Stack>
    </form>
  );
}

const SCOPES: Scope[] = ["read", "personal", "write", "admin"];

function Keys() {
  const say = useSay();
  const format = useFormat();
  const keys = useGet<Key[]>("/keys");
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Key | null>(null);
  const { problem, busy, act } = useAct();
  const changed = () => queries.invalidateQueries({ queryKey: ["/keys"] });
  async function add(event: FormEvent) {
    event.preventDefault();
    await act(async () => {
      setMade(await ask<Key>("/keys", { body: { name: name.trim(), scopes } }));
      await changed();
    });
  }
  const close = () => { setAdding(false); setMade(null); setName(""); };
  return (
    <Section title={say("keys")} about={say("keys.about")} action={<Button variant="default" size="sm" onClick={() => setAdding(true)} leftSection={<Icon name="plus" size={14} />}>{say("keys.add")}</Button>}>
      <Answer of={keys}>
        {(told) => (
          <Paper>
            <Rows<Key>
              caption={say("keys")}
              rows={told}
              rowKey={(key) => key.id}
              empty={<Text p="md" c="dimmed">{say("keys.none")}</Text>}
              columns={[
                { key: "name", name: say("keys.name"), cell: (key) => <strong>{key.name}</strong> },
                { key: "hint", name: say("keys.hint"), cell: (key) => <code>{key.hint}…</code> },
                { key: "scopes", name: say("keys.scopes"), cell: (key) => key.scopes.map((scope) => say(`scope.${scope}`)).join(", ") },
                { key: "used", name: say("keys.used"), cell: (key) => (key.used_at ? format.dateTime(key.used_at) : say("keys.never")) },
                { key: "remove", name: say("remove"), isAction: true, cell: (key) => <Confirm title={say("users.remove.sure", { name: key.name })} about={say("keys.remove.about")} go={say("remove")} label={say("users.remove", { name: key.name })} act={() => ask(`/keys/${key.id}`, { method: "DELETE" }).then(changed)}>{say("remove")}</Confirm> },
              ]}
            />
          </Paper>
        )}
      </Answer>
      <Modal opened={adding} onClose={close} title={say("keys.add")} closeButtonProps={{ "aria-label": say("close") }}>
        {made?.secret ? (
          <Stack>
            <Text>{say("keys.made")}</Text>
            <code className="rule">{made.secret}</code>
            <Row justify="flex-end">
              <CopyButton value={made.secret}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{say(copied ? "copied" : "copy")}</Button>}</CopyButton>
              <Button onClick={close}>{say("keys.kept")}</Button>
            </Row>
          </Stack>
        ) : (
          <form onSubmit={(event) => void add(event)}>
            <Stack>
              <TextInput label={say("keys.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} required maxLength={80} data-autofocus />
              <Checkbox.Group label={say("keys.scopes")} value={scopes} onChange={setScopes}>
                <Stack gap={6} mt={6}>{SCOPES.map((scope) => <Checkbox key={scope} value={scope} label={say(`scope.${scope}`)} />)}</Stack>
              </Checkbox.Group>
              <Trouble of={problem} />
              <Row justify="flex-end"><Button type="submit" loading={busy} disabled={!scopes.length}>{say("keys.make")}</Button></Row>
            </Stack>
          </form>
        )}
      </Modal>
    </Section>
  );
}

function Taken() {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const taken = useGet<TakenOut[]>("/taken-out");
  return (
    <Section title={say("taken")} about={say("taken.about")}>
      <Answer of={taken}>
        {(told) => (
          <Paper>
            <Rows<TakenOut>
              caption={say("taken")}
              rows={told}
              rowKey={(each) => each.id}
              empty={<Text p="md" c="dimmed">{say("taken.none")}</Text>}
              columns={[
                { key: "what", name: say("taken.what"), cell: (each) => each.what.replace(/^segment:/, "") },
                { key: "when", name: say("history.when"), cell: (each) => format.dateTime(each.taken_at) },
                { key: "who", name: say("by"), cell: (each) => each.actor },
                { key: "people", name: say("map.people"), isNumber: true, cell: (each) => format.count(each.people) },
                { key: "how", name: say("taken.how"), cell: (each) => (each.is_raw ? <span className="bad">{say("taken.raw")}{each.reason && `: ${each.reason}`}</span> : `${named("channel", each.channel ?? "")} · ${named("purpose", each.purpose ?? "")}`) },
              ]}
            />
          </Paper>
        )}
      </Answer>
    </Section>
  );
}
