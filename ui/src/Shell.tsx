/** The frame of every view: where one can go, who one is, what goes on in the background. */
import { ActionIcon, AppShell, Burger, Group, Menu, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { Link, NavLink, Route, Routes, useLocation } from "react-router";
import { useSay } from "./i18n";
import { JobsNow } from "./parts/jobs";
import { Icon, type IconName } from "./parts/Icon";
import { Loading, Message } from "./parts/states";
import { LanguageSwitch, SchemeSwitch } from "./parts/switches";
import { signOut, useMay, useSession } from "./session";
import { Home } from "./pages/Home";
import type { TextKey } from "./texts";

const AuditPage = lazy(() => import("./pages/Audit"));
const FindingPage = lazy(() => import("./pages/Finding"));
const Segments = lazy(() => import("./pages/Segments"));
const SegmentPage = lazy(() => import("./pages/Segment"));
const Builder = lazy(() => import("./builder/Builder"));
const People = lazy(() => import("./pages/People"));
const PersonPage = lazy(() => import("./pages/Person"));
const Data = lazy(() => import("./pages/Data"));
const RFMPage = lazy(() => import("./pages/RFM"));
const MapPage = lazy(() => import("./pages/Map"));
const Catalog = lazy(() => import("./pages/Catalog"));
const Settings = lazy(() => import("./pages/Settings"));

const PLACES: { to: string; name: TextKey; icon: IconName }[] = [
  { to: "/", name: "nav.home", icon: "home" },
  { to: "/audit", name: "nav.audit", icon: "audit" },
  { to: "/segments", name: "nav.segments", icon: "segments" },
  { to: "/catalog", name: "nav.catalog", icon: "catalog" },
  { to: "/rfm", name: "nav.rfm", icon: "rfm" },
  { to: "/map", name: "nav.map", icon: "map" },
  { to: "/people", name: "nav.people", icon: "people" },
  { to: "/data", name: "nav.data", icon: "data" },
  { to: "/settings", name: "nav.settings", icon: "settings" },
];

export function Shell() {
  const say = useSay();
  const session = useSession();
  const seesPeople = useMay("personal");
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  useEffect(() => {
    close();
    window.scrollTo(0, 0);
    // a new view is told to those who hear the page; the first keeps the browser's own place
    if (document.activeElement && document.activeElement !== document.body) document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [pathname, close]);
  const places = PLACES.filter(({ to }) => to !== "/people" || seesPeople);
  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 212, breakpoint: "sm", collapsed: { mobile: !opened } }} padding={0}>
      <a href="#main" className="skip" onClick={(event) => { event.preventDefault(); document.querySelector<HTMLElement>("main h1")?.focus(); }}>
        {say("skip")}
      </a>
      <AppShell.Header className="top">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={say("nav.open")} aria-expanded={opened} />
            <Link to="/" className="brand" aria-label={`Tesela, ${session.shop}`}>
              <img src="/assets/tesela.svg" alt="" width={26} height={26} />
              <Text span fw={600} truncate>
                {session.shop}
              </Text>
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <JobsNow />
            <LanguageSwitch />
            <SchemeSwitch />
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" className="quiet" aria-label={say("user.menu", { name: session.user?.name ?? "" })}>
                  <Icon name="people" />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <div className="who">
                  <strong>{session.user?.name}</strong>
                  <div className="dim">{say(`role.${session.user?.role ?? "viewer"}`)}</div>
                </div>
                <Menu.Item component={Link} to="/settings">
                  {say("nav.settings")}
                </Menu.Item>
                <Menu.Item onClick={() => void signOut()} leftSection={<Icon name="out" size={16} />}>
                  {say("sign_out")}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="side" p="sm" aria-label={say("nav")}>
        {places.map(({ to, name, icon }) => (
          <NavLink key={to} to={to} end={to === "/"} className="place" onClick={close}>
            <Icon name={icon} />
            {say(name)}
          </NavLink>
        ))}
      </AppShell.Navbar>
      <AppShell.Main className="main" id="main">
        <div className="view">
          <Suspense fallback={<Loading rows={6} whole />}>
            <Routes>
              <Route path="/" element={<Home />} />
              <Route path="/audit" element={<AuditPage />} />
              <Route path="/audit/:check" element={<FindingPage />} />
              <Route path="/segments" element={<Segments />} />
              <Route path="/segments/new" element={<Builder key="new" />} />
              <Route path="/segments/:slug" element={<SegmentPage />} />
              <Route path="/segments/:slug/edit" element={<Builder key="edit" />} />
              <Route path="/catalog" element={<Catalog />} />
              <Route path="/rfm" element={<RFMPage />} />
              <Route path="/map" element={<MapPage />} />
              <Route path="/people" element={<Seen><People /></Seen>} />
              <Route path="/people/:id" element={<Seen><PersonPage /></Seen>} />
              <Route path="/data" element={<Data />} />
              <Route path="/settings" element={<Settings />} />
              <Route path="/setup/*" element={<Home />} />
              <Route path="*" element={<Nowhere />} />
            </Routes>
          </Suspense>
          {!seesPeople && <Text size="sm" c="dimmed" mt="xl">{say("rounded")}</Text>}
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

function Seen({ children }: { children: ReactNode }) {
  const say = useSay();
  if (useMay("personal")) return children;
  return (
    <Message whole icon="lock" title={say("people.refused")} action={<Link to="/segments">{say("people.refused.go")}</Link>}>
      {say("people.refused.hint")}
    </Message>
  );
}

function Nowhere() {
  const say = useSay();
  return (
    <Message whole icon="search" title={say("nowhere")} action={<Link to="/">{say("nowhere.home")}</Link>}>
      {say("nowhere.hint")}
    </Message>
  );
}
