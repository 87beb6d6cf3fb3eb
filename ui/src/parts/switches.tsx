/** Language, and dark or light. */
import { ActionIcon, Button, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { ask, queries, type Language, type Session } from "../api";
import { speak, useLanguage, useSay } from "../i18n";
import { Icon } from "./Icon";

export async function chooseLanguage(language: Language): Promise<void> {
  const session = queries.getQueryData<Session>(["/session"]);
  speak(language);
  if (session?.user) {
    queries.setQueryData(["/session"], { ...session, user: { ...session.user, language } });
    await ask("/session/user", { method: "PATCH", body: { language } });
    // what the server says comes in the reader's language
    await queries.invalidateQueries({ predicate: (each) => each.queryKey[0] !== "/session" });
  }
}

export function LanguageSwitch() {
  const language = useLanguage();
  const other = language === "es" ? "en" : "es";
  return (
    <Button variant="subtle" size="compact-sm" color="gray" className="quiet" lang={other} onClick={() => void chooseLanguage(other)}>
      {other === "en" ? "English" : "Español"}
    </Button>
  );
}

export function SchemeSwitch() {
  const say = useSay();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const label = say(dark ? "scheme.light" : "scheme.dark");
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" className="quiet" aria-label={label} onClick={() => setColorScheme(dark ? "light" : "dark")}>
        <Icon name={dark ? "sun" : "moon"} />
      </ActionIcon>
    </Tooltip>
  );
}
