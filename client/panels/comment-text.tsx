import { Fragment, type ReactNode, useMemo } from "react";
import styles from "./discussion-panel.module.css";
import { type Block, type Inline, parseComment } from "./markdown.ts";

/** A comment as its writer meant it. @param me my own name, so that a mention of me stands out */
export function CommentText(props: {
  readonly text: string;
  readonly names: readonly string[];
  readonly me: string | null;
}) {
  const { text, names, me } = props;
  const blocks = useMemo(() => parseComment(text, names), [text, names]);
  return <div className={styles.text}>{blocks.map((block, i) => keyed(i, drawBlock(block, me)))}</div>;
}

function drawBlock(block: Block, me: string | null): ReactNode {
  switch (block.is) {
    case "code":
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case "list": {
      const items = block.items.map((item, i) => keyed(i, <li>{drawInline(item, me)}</li>));
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "quote":
      return <blockquote>{drawLines(block.lines, me)}</blockquote>;
    case "paragraph":
      return <p>{drawLines(block.lines, me)}</p>;
  }
}

function drawLines(lines: readonly (readonly Inline[])[], me: string | null): ReactNode {
  return lines.map((line, i) =>
    keyed(
      i,
      <>
        {i > 0 && <br />}
        {drawInline(line, me)}
      </>,
    ),
  );
}

function drawInline(pieces: readonly Inline[], me: string | null): ReactNode {
  return pieces.map((piece, i) => keyed(i, drawPiece(piece, me)));
}

function drawPiece(piece: Inline, me: string | null): ReactNode {
  switch (piece.is) {
    case "text":
      return piece.text;
    case "code":
      return <code>{piece.text}</code>;
    case "mention":
      return (
        <span className={styles.mention} data-me={piece.text.toLowerCase() === me?.toLowerCase()}>
          @{piece.text}
        </span>
      );
    case "strong":
      return <strong>{drawInline(piece.inside, me)}</strong>;
    case "emphasis":
      return <em>{drawInline(piece.inside, me)}</em>;
    case "link":
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer">
          {piece.text}
        </a>
      );
  }
}

/** A comment's pieces never move among themselves: their place is their identity. */
function keyed(place: number, node: ReactNode): ReactNode {
  return <Fragment key={place}>{node}</Fragment>;
}
