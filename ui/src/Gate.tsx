/** What stands before the page: the setup link, signing in, then the page itself. */
import { Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";
import { ask, Problem, queries, type Session } from "./api";
import { speak, useLanguage, useSay } from "./i18n";
import { LanguageSwitch, SchemeSwitch } from "./parts/switches";
import { Failed, Loading, Trouble } from "./parts/states";
import { SessionProvider, useSessionQuery } from "./session";
import { Shell } from "./Shell";

export function Gate() {
  const session = useSessionQuery();
  const { pathname } = useLocation();
  const chosen = session.data?.user?.language;
  useEffect(() => {
    if (chosen) speak(chosen);
  }, [chosen]);
  if (session.error && !session.data) return <Front><Failed whole problem={session.error} again={() => void session.refetch()} /></Front>;
  if (!session.data) return <Front><Loading rows={3} whole /></Front>;
  if (!session.data.user) {
    const secret = /^\/setup\/([^/]+)$/.exec(pathname)?.[1];
    return <Front>{secret ? <Setup secret={secret} /> : session.data.needs_setup ? <NoLink /> : <SignIn />}</Front>;
  }
  return (
    <SessionProvider session={session.data}>
      <Shell />
    </SessionProvider>
  );
}

function Front({ children }: { children: ReactNode }) {
  return (
    <div className="front">
      <main className="front-card">
        <div className="brand">
          <img src="/assets/tesela.svg" alt="" width={32} height={32} />
          <span>Tesela</span>
        </div>
        {children}
      </main>
      <div className="front-switches">
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
    </div>
  );
}

function NoLink() {
  const say = useSay();
  return (
    <Stack gap="sm">
      <Title order={1}>{say("setup.no_link")}</Title>
      <Text c="dimmed">{say("setup.no_link.hint")}</Text>
    </Stack>
  );
}

/** One form for both: a name, a password, one button. */
function Entry({ title, about, button, autoComplete, send }: { title: string; about: string; button: string; autoComplete: string; send: (name: string, password: string) => Promise<Session> }) {
  const say = useSay();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const session = await send(name.trim(), password);
      if (pathname.startsWith("/setup")) await navigate("/", { replace: true });
      queries.setQueryData(["/session"], session);
    } catch (error) {
      setProblem(error as Problem);
      setBusy(false);
    }
  }
  useEffect(() => {
    document.title = `${title} · Tesela`;
  }, [title]);
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <div>
          <Title order={1}>{title}</Title>
          <Text c="dimmed">{about}</Text>
        </div>
        <Trouble of={problem} />
        <TextInput label={say("user.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="username" required autoFocus maxLength={80} />
        <PasswordInput label={say("user.password")} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete={autoComplete} required maxLength={200} visibilityToggleButtonProps={{ "aria-label": say("user.password.show") }} />
        <Button type="submit" loading={busy} fullWidth size="md">
          {button}
        </Button>
      </Stack>
    </form>
  );
}

function SignIn() {
  const say = useSay();
  return <Entry title={say("sign_in")} about={say("sign_in.about")} button={say("sign_in")} autoComplete="current-password" send={(name, password) => ask<Session>("/session", { body: { name, password }, quiet: true })} />;
}

function Setup({ secret }: { secret: string }) {
  const say = useSay();
  const language = useLanguage();
  return <Entry title={say("setup")} about={say("setup.about")} button={say("setup.go")} autoComplete="new-password" send={(name, password) => ask<Session>("/setup", { body: { secret, name, password, language }, quiet: true })} />;
}
