// Questions to the user, answered once: the buttons of a question go when anybody has answered it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DecisionEntity } from "../../protocol/messages";
import { command, post, text } from "./host";
import { Icon } from "./parts";

export function Questions({ decisions }: { decisions: DecisionEntity[] }): JSX.Element | null {
  const open = decisions.filter((decision) => decision.state === "open");
  if (open.length === 0) return null;
  return (
    <div class="questions">
      {open.map((decision) => (
        <Question key={decision.id} decision={decision} />
      ))}
    </div>
  );
}

function Question({ decision }: { decision: DecisionEntity }): JSX.Element {
  const [words, setWords] = useState("");
  const [sent, setSent] = useState(false);
  const answer = (option: string, more: string): void => {
    setSent(true);
    // When it is refused (somebody was faster, a hub is away) the buttons have to work again.
    setTimeout(() => setSent(false), 3_000);
    post({ type: "answer", decisionId: decision.id, answer: option, text: more });
  };
  const document = decision.prompt_document;
  return (
    <section class="block question" data-decision={decision.id} aria-label={text(`decision.${decision.subject}`)}>
      <div class="block-head">
        <Icon name={decision.subject === "key" ? "key" : "question"} />
        <span class="grow">{text(`decision.${decision.subject}`)}</span>
      </div>
      <div class="prompt-text">{decision.prompt}</div>
      {document !== null && (
        <button
          type="button"
          class="link"
          onClick={() => post({ type: "openDocument", title: text("decision.question"), documentId: document })}
        >
          {text("decision.whole")}
        </button>
      )}
      {decision.subject === "key" ? (
        <div class="buttons">
          <button type="button" class="button" onClick={() => command("setKey")}>
            {text("decision.setKey")}
          </button>
        </div>
      ) : (
        <>
          <input
            class="input"
            type="text"
            value={words}
            placeholder={text(decision.free_text ? "decision.free" : "decision.text")}
            aria-label={text(decision.free_text ? "decision.free" : "decision.text")}
            onInput={(event) => setWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && decision.free_text && words.trim() !== "") answer(words.trim(), "");
            }}
          />
          <div class="buttons">
            {decision.options.map((option, index) => (
              <button
                key={option}
                type="button"
                disabled={sent}
                class={index === 0 ? "button" : "button secondary"}
                onClick={() => answer(option, words.trim())}
              >
                {capital(option)}
              </button>
            ))}
            {decision.free_text && (
              <button
                type="button"
                class={decision.options.length === 0 ? "button" : "button secondary"}
                disabled={sent || words.trim() === ""}
                onClick={() => answer(words.trim(), "")}
              >
                {text("decision.send")}
              </button>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
