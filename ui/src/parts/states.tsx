/** What a view shows while there is nothing to show: it loads, is empty, failed, or was refused; always with what to do next. */
import { Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Problem } from "../api";
import { useSay } from "../i18n";
import { Icon, type IconName } from "./Icon";

export function Loading({ rows = 4, whole }: { rows?: number; whole?: boolean }) {
  const say = useSay();
  return (
    <Stack gap="sm" role="status" aria-live="polite">
      {whole ? <h1 className="unseen">{say("state.loading")}</h1> : <span className="unseen">{say("state.loading")}</span>}
      {Array.from({ length: rows }, (_, each) => (
        <Skeleton key={each} height={44} radius="md" />
      ))}
    </Stack>
  );
}

export function Message({ icon, title, children, action, whole }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode; whole?: boolean }) {
  return (
    <Paper p="xl" className="message">
      <Stack align="center" gap="xs" ta="center">
        <Icon name={icon} size={28} />
        <Title order={whole ? 1 : 2} size="h2" tabIndex={whole ? -1 : undefined}>{title}</Title>
        {children && (
          <Text c="dimmed" maw={520} component="div">
            {children}
          </Text>
        )}
        {action && <Group mt="sm">{action}</Group>}
      </Stack>
    </Paper>
  );
}

export type Up = { to: string; name: string };

/** What failed, with the way out: try again, or, where there is no such thing, up to where all of them are. */
export function Failed({ problem, again, whole, up }: { problem: Problem; again?: () => void; whole?: boolean; up?: Up }) {
  const say = useSay();
  const retry = again && (
    <Button variant="default" onClick={again}>
      {say("state.again")}
    </Button>
  );
  if (problem.status === 403) return <Message whole={whole} icon="lock" title={say("state.refused")}>{problem.title} {problem.detail}</Message>;
  if (problem.status === 0) return <Message whole={whole} icon="warn" title={say("state.no_connection")} action={retry}>{say("state.no_connection.hint")}</Message>;
  const isMissing = problem.status === 404 && up;
  return (
    <Message whole={whole} icon={isMissing ? "search" : "warn"} title={problem.title || say("state.failed")} action={isMissing ? <Button variant="default" component={Link} to={up.to}>{up.name}</Button> : retry}>
      {problem.detail ?? (problem.title ? null : say("state.failed.hint"))}
    </Message>
  );
}

export function Answer<T>({ of, rows, whole, up, children }: { of: UseQueryResult<T, Problem>; rows?: number; whole?: boolean; up?: Up; children: (told: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Failed whole={whole} problem={of.error} up={up} again={() => void of.refetch()} />;
  return <Loading rows={rows} whole={whole} />;
}

/** What went wrong with something that was asked for, where it was asked for. */
export function Trouble({ of }: { of: Problem | null | undefined }) {
  const say = useSay();
  if (!of) return null;
  return (
    <div className="trouble" role="alert">
      <Icon name="warn" />
      <div>
        <strong>{of.title || say(of.status ? "state.failed" : "state.no_connection")}</strong>
        {of.detail && <div>{of.detail}</div>}
      </div>
    </div>
  );
}
