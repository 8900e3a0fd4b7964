import { Button, Group } from "@mantine/core";
import dialog from "./dialog.module.css";

/** Under every question about a pixel size: why it was not taken, and the two ways out. */
export function CalibrationDialogFoot(props: {
  readonly failure: string | null;
  readonly busy: boolean;
  readonly ready: boolean;
  readonly close: () => void;
}) {
  return (
    <>
      {props.failure && <p className={dialog.failure}>{props.failure}</p>}
      <Group justify="flex-end">
        <Button variant="default" onClick={props.close}>
          Cancel
        </Button>
        <Button type="submit" loading={props.busy} disabled={!props.ready}>
          Calibrate
        </Button>
      </Group>
    </>
  );
}
