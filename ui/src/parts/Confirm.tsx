/** A button that asks once before it does what cannot lightly be taken back. */
import { Button, Group, Modal, Stack, Text, type ButtonProps } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Problem } from "../api";
import { useSay } from "../i18n";
import { Trouble } from "./states";

export function Confirm({ title, about, go, label, act, before, isGrave = true, children, ...button }: { title: string; about: string; go: string; label?: string; act: () => Promise<unknown>; before?: ReactNode; isGrave?: boolean; children: ReactNode } & ButtonProps) {
  const say = useSay();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function run() {
    setBusy(true);
    setProblem(null);
    try {
      await act();
      setAsked(false);
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  return (
    <>
      <Button size="compact-sm" variant="subtle" aria-label={label} onClick={() => setAsked(true)} {...button}>
        {children}
      </Button>
      <Modal opened={asked} onClose={() => setAsked(false)} title={title} closeButtonProps={{ "aria-label": say("close") }}>
        <Stack>
          <Text>{about}</Text>
          {asked && before}
          <Trouble of={problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsked(false)}>{say("cancel")}</Button>
            <Button color={isGrave ? "red.9" : undefined} loading={busy} onClick={() => void run()}>{go}</Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
