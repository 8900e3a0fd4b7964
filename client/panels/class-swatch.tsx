import type { AnnotationClass, LinePattern } from "#core/schema/annotation-class.ts";

const dashes: Readonly<Record<LinePattern, string | undefined>> = {
  solid: undefined,
  dashed: "4 2.5",
  dotted: "1.2 2",
  "dash-dot": "4 2 1 2",
  "long-dash": "7 2.5",
  double: undefined,
};

/** A class as it looks on the picture: its colour and its line pattern, so that neither alone has to tell. */
export function ClassSwatch(props: {
  readonly annotationClass: AnnotationClass | null;
  readonly size?: number;
}) {
  const { annotationClass, size = 16 } = props;
  if (!annotationClass) {
    return (
      <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
        <rect
          x="1.5"
          y="1.5"
          width="13"
          height="13"
          rx="3"
          fill="none"
          stroke="var(--mantine-color-dimmed)"
        />
        <path d="M4 12 12 4" stroke="var(--mantine-color-dimmed)" />
      </svg>
    );
  }
  const { colour, pattern } = annotationClass;
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <rect
        x="1.5"
        y="1.5"
        width="13"
        height="13"
        rx="3"
        fill={colour}
        fillOpacity={0.28}
        stroke={colour}
        strokeWidth={2}
        strokeDasharray={dashes[pattern]}
      />
      {pattern === "double" && (
        <rect x="4.5" y="4.5" width="7" height="7" rx="1.5" fill="none" stroke={colour} />
      )}
    </svg>
  );
}
