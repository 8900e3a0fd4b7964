import { profileWidthPx, useProfileStore } from "#client/state/profile-store.ts";
import { brushRadiusPx, useToolStore } from "#client/state/tool-store.ts";
import { presetRole } from "#client/tools/tools.ts";
import styles from "./canvas.module.css";

/** What the tool at hand can be told: the side of an interface, whether it follows edges, the size of the brush. */
export function ToolOptions() {
  const store = useToolStore();
  const { tool, regionGesture, traceBody, traceInterfaceId, snapping } = store;
  const gesture = presetRole(tool) ? regionGesture : tool;
  if (gesture === "brush") {
    return (
      <Options>
        <label>
          Brush
          <input
            type="range"
            min={brushRadiusPx.least}
            max={brushRadiusPx.most}
            value={store.brushRadiusPx}
            onChange={(event) => store.setBrushRadius(Number(event.currentTarget.value))}
          />
        </label>
        <span>Alt erases · [ ] size · Esc begins another region</span>
      </Options>
    );
  }
  if (gesture === "profile") return <ProfileOptions />;
  if (gesture === "fourier") {
    return (
      <Options>
        <span>Drag a square; drag inside it to move it. Its Fourier transform follows.</span>
      </Options>
    );
  }
  if (gesture !== "trace" && gesture !== "line" && gesture !== "calibrate") return null;
  return (
    <Options>
      {gesture === "trace" &&
        (["substrate", "film"] as const).map((body) => (
          <button
            key={body}
            type="button"
            aria-pressed={traceBody === body}
            title="The other side: /"
            onClick={() => store.setTrace(body, traceInterfaceId)}
          >
            {body} side
          </button>
        ))}
      <label title="Ctrl held does without">
        <input
          type="checkbox"
          checked={snapping}
          onChange={(event) => store.setSnapping(event.currentTarget.checked)}
        />
        {gesture === "trace" ? "Follow the edge" : "Ends go to edges"}
      </label>
    </Options>
  );
}

function ProfileOptions() {
  const { widthPx, setWidth } = useProfileStore();
  return (
    <Options>
      <label>
        Width
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          aria-valuetext={`${widthPx} px`}
          value={Math.log(widthPx) / Math.log(profileWidthPx.most)}
          onChange={(event) => setWidth(profileWidthPx.most ** Number(event.currentTarget.value))}
        />
      </label>
      <output>{widthPx} px</output>
      <span>[ ] width</span>
    </Options>
  );
}

function Options({ children }: { readonly children: React.ReactNode }) {
  return (
    <div
      className={styles.options}
      role="toolbar"
      aria-label="Options of the tool"
      data-own-pointers
      data-testid="tool-options"
      // The keyboard stays with the picture.
      onMouseDown={(event) =>
        (event.target as Element).closest("input[type=range]") ?? event.preventDefault()
      }
    >
      {children}
    </div>
  );
}
