import "./theme/styles.ts";
import { MantineProvider } from "@mantine/core";
import { createRoot } from "react-dom/client";
import { App } from "./pages/app.tsx";
import { listenToHistory } from "./state/router.ts";
import { theme } from "./theme/theme.ts";

listenToHistory();
createRoot(document.getElementById("root")!).render(
  <MantineProvider theme={theme} defaultColorScheme="dark" withCssVariables={false} withGlobalClasses={false}>
    <App />
  </MantineProvider>,
);
