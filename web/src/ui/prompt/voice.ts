// Voice input by the browser's own speech recognition, where there is one.

import { useCallback, useEffect, useRef, useState } from "react";

interface Heard {
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
  resultIndex: number;
}

interface Recognition {
  continuous: boolean;
  interimResults: boolean;
  lang: string;
  onresult: ((heard: Heard) => void) | null;
  onerror: ((failure: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
}

type Maker = new () => Recognition;

function recognition(): Maker | undefined {
  const known = window as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return known.SpeechRecognition ?? known.webkitSpeechRecognition;
}

export interface Voice {
  supported: boolean;
  listening: boolean;
  toggle: () => void;
}

export function useVoice(onWords: (words: string) => void, onFailure: (reason: string) => void): Voice {
  const [listening, setListening] = useState(false);
  const running = useRef<Recognition | undefined>(undefined);
  const latest = useRef({ onWords, onFailure });
  useEffect(() => {
    latest.current = { onWords, onFailure };
  });
  useEffect(() => () => running.current?.stop(), []);
  const toggle = useCallback(() => {
    if (running.current !== undefined) {
      running.current.stop();
      return;
    }
    const Made = recognition();
    if (Made === undefined) return;
    const made = new Made();
    made.continuous = true;
    made.interimResults = false;
    made.lang = navigator.language;
    made.onresult = (heard) => {
      for (let place = heard.resultIndex; place < heard.results.length; place += 1) {
        const words = heard.results[place]?.[0]?.transcript ?? "";
        if (words !== "") latest.current.onWords(words);
      }
    };
    made.onerror = ({ error }) => {
      if (error !== "aborted" && error !== "no-speech") latest.current.onFailure(error);
    };
    made.onend = () => {
      running.current = undefined;
      setListening(false);
    };
    running.current = made;
    setListening(true);
    made.start();
  }, []);
  return { supported: recognition() !== undefined, listening, toggle };
}
