/** Colours, type and spaces of the page: every contrast is AA on its ground, in light and in dark. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const azulejo: MantineColorsTuple = [
  "#eef4fc",
  "#dbe7f7",
  "#b8cff0",
  "#8fb3e7",
  "#6b9bdf",
  "#4f86d6",
  "#346fc6",
  "#265ba9",
  "#1c4a8a",
  "#14386b",
];

const ink: MantineColorsTuple = ["#e4e8ee", "#c5ccd6", "#a3adba", "#7f8a99", "#4a5565", "#394352", "#222a35", "#171c24", "#12161d", "#0d1015"];

export const theme = createTheme({
  primaryColor: "azulejo",
  primaryShade: { light: 8, dark: 7 },
  colors: { azulejo, dark: ink },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Code', 'SF Mono', 'DejaVu Sans Mono', monospace",
  defaultRadius: "md",
  cursorType: "pointer",
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.625rem", lineHeight: "1.25" }, h2: { fontSize: "1.125rem", lineHeight: "1.35" }, h3: { fontSize: "1rem", lineHeight: "1.4" } },
  },
  components: {
    Paper: { defaultProps: { radius: "lg", withBorder: true } },
    Button: { defaultProps: { radius: "md" } },
    Anchor: { defaultProps: { underline: "hover" } },
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { radius: "lg", centered: true } },
  },
});

export const variables: CSSVariablesResolver = () => ({
  variables: { "--bar": "#4f86d6", "--tone-good": "#2f9e62", "--tone-fair": "#c98a1b", "--tone-poor": "#d1503f" },
  light: {
    "--mantine-color-body": "#ffffff",
    "--page": "#f6f7f9",
    "--mantine-color-text": "#1b2430",
    "--mantine-color-dimmed": "#56606d",
    "--mantine-color-placeholder": "#667080",
    "--mantine-color-error": "#b42318",
    "--mantine-color-disabled": "#e6e9ee",
    "--mantine-color-disabled-color": "#56606d",
    "--mantine-color-anchor": "#1c4a8a",
    "--mantine-color-default-border": "#d5dae1",
    "--line": "#e3e7ec",
    "--good": "#0b6b3a",
    "--bad": "#b42318",
    "--warn": "#8a4b00",
    "--warn-ground": "#fff6e5",
    "--chip": "#eef1f5",
    "--tint": "#eef4fc",
    "--bar-ground": "#e6ebf2",
  },
  dark: {
    "--mantine-color-body": "#171c24",
    "--page": "#10141a",
    "--mantine-color-text": "#e4e8ee",
    "--mantine-color-dimmed": "#a3adba",
    "--mantine-color-placeholder": "#98a2b0",
    "--mantine-color-error": "#ff9d94",
    "--mantine-color-disabled": "#262e39",
    "--mantine-color-disabled-color": "#a3adba",
    "--mantine-color-anchor": "#9cc0f2",
    "--mantine-color-default-border": "#394352",
    "--line": "#2a323d",
    "--good": "#6fd39b",
    "--bad": "#ff9d94",
    "--warn": "#ffc66d",
    "--warn-ground": "#332711",
    "--chip": "#262e39",
    "--tint": "#1d2838",
    "--bar-ground": "#2a333f",
  },
});
