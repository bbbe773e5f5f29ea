// The shared components. Markdown, terminal output and code are imported by themselves: they are heavier.

export { Button, IconButton, type ButtonProps, type IconButtonProps } from "./Button";
export { cx } from "./classes";
export { CopyButton } from "./CopyButton";
export {
  Checkbox,
  Field,
  NumberInput,
  Segmented,
  Select,
  Switch,
  TextArea,
  TextInput,
  type Choice,
  type FieldInput,
} from "./Form";
export { Kbd } from "./Kbd";
export { Fold, Page, PageHeader, Panel, VisuallyHidden } from "./Layout";
export { Dialog, Menu, Tabs, useConfirm, type MenuItem, type Question, type TabItem } from "./Overlays";
export {
  Badge,
  Count,
  Duration,
  Money,
  Progress,
  Spinner,
  StatusDot,
  statusTone,
  Time,
  useNow,
  type Tone,
} from "./Signs";
export { Empty, Failure, LiveGate, Loaded, Skeleton } from "./States";
export { Table, type Column } from "./Table";
export { Popover, Tooltip } from "./Tooltip";
export { toast, type News } from "./Toasts";
