/** Who signed in, and what she may do. */
import { createContext, useContext, type ReactNode } from "react";
import { ask, queries, useGet, type Scope, type Session } from "./api";
import { Shop } from "./format";

const Known = createContext<Session | null>(null);

export function useSessionQuery() {
  return useGet<Session>("/session", { staleTime: 60_000 });
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return (
    <Known.Provider value={session}>
      <Shop.Provider value={{ currency: session.currency, timezone: session.timezone }}>{children}</Shop.Provider>
    </Known.Provider>
  );
}

export function useSession(): Session {
  const session = useContext(Known);
  if (!session) throw new Error("outside of a session");
  return session;
}

export function useMay(scope: Scope): boolean {
  return useSession().scopes.includes(scope);
}

export async function signOut(): Promise<void> {
  await ask<void>("/session", { method: "DELETE" });
  queries.clear();
  await queries.invalidateQueries();
  location.hash = "#/";
  location.reload();
}
