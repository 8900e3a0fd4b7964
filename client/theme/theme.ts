import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent: a cool teal that stays apart from the class colours and from warnings. Same values in variables.css. */
const accent: MantineColorsTuple = [
  "#e6f8f6",
  "#cdeeea",
  "#9cdcd5",
  "#68cabf",
  "#3fbbae",
  "#2aa99c",
  "#1f958a",
  "#147a71",
  "#0d615a",
  "#064843",
];

export const theme = createTheme({
  colors: { accent },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Scroll locking writes a style element, which the content security policy forbids.
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        overlayProps: { backgroundOpacity: 0.55 },
        transitionProps: { duration: 120 },
      },
    },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, transitionProps: { duration: 80 } } },
    Menu: { defaultProps: { lockScroll: false, shadow: "md", transitionProps: { duration: 80 } } },
    Badge: { defaultProps: { tt: "none", fw: 500 } },
    Button: { defaultProps: { fw: 500 } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});
