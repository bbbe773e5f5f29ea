// One set of classes for highlighted code, in static text and in the editor; their colours are tokens of the theme.

import { tagHighlighter, tags } from "@lezer/highlight";
import css from "./code.module.css";

const cls = (name: string): string => css[name] ?? "";

export const highlighter = tagHighlighter([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.controlKeyword], class: cls("keyword") },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.inserted], class: cls("string") },
  { tag: [tags.number, tags.bool, tags.atom, tags.null, tags.literal], class: cls("number") },
  { tag: [tags.comment, tags.meta], class: cls("comment") },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.labelName, tags.tagName],
    class: cls("name"),
  },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.attributeName, tags.heading], class: cls("type") },
  { tag: [tags.invalid, tags.deleted], class: cls("invalid") },
]);
