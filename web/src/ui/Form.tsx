// Fields with label, hint and error, and the plain inputs.

import { Check, ChevronDown } from "lucide-react";
import { Checkbox as RadixCheckbox, Select as RadixSelect, Switch as RadixSwitch, ToggleGroup } from "radix-ui";
import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes } from "react";
import { cx } from "./classes";
import css from "./ui.module.css";

export interface FieldInput {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

/** `error` stands at the field and is read out with it. */
export function Field(props: {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  children: (input: FieldInput) => ReactNode;
  className?: string;
}): React.JSX.Element {
  const id = useId();
  const wrong = props.error !== undefined && props.error !== "";
  const described = [props.hint !== undefined && `${id}-hint`, wrong && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={cx(css.field, props.className)}>
      <label className={css.label} htmlFor={id}>
        {props.label}
      </label>
      {props.children({ id, "aria-describedby": described || undefined, "aria-invalid": wrong || undefined })}
      {props.hint !== undefined && (
        <div className={css.hint} id={`${id}-hint`}>
          {props.hint}
        </div>
      )}
      {wrong && (
        <div className={css.error} id={`${id}-error`} role="alert">
          {props.error}
        </div>
      )}
    </div>
  );
}

type InputProps = InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export function TextInput({ className, ...rest }: InputProps): React.JSX.Element {
  return <input type="text" autoComplete="off" spellCheck={false} {...rest} className={cx(css.input, className)} />;
}

export function NumberInput(props: InputProps): React.JSX.Element {
  return <TextInput inputMode="decimal" {...props} />;
}

export function TextArea({
  className,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }): React.JSX.Element {
  return <textarea {...rest} className={cx(css.input, className)} />;
}

export interface Choice<T extends string> {
  value: T;
  label: string;
  icon?: ReactNode;
}

export function Select<T extends string>(props: {
  options: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  /** Said to screen readers. Leave it out inside a Field, and give its `id`. */
  label?: string;
  id?: string;
  disabled?: boolean;
  /** Without a frame, for bars. */
  bare?: boolean;
  placeholder?: string;
}): React.JSX.Element {
  // Radix keeps the empty word for "nothing chosen".
  const coded = (value: string): string => `=${value}`;
  return (
    <RadixSelect.Root
      value={coded(props.value)}
      onValueChange={(value) => props.onChange(value.slice(1) as T)}
      disabled={props.disabled ?? false}
    >
      <RadixSelect.Trigger
        className={cx(css.select, props.bare === true && css.bare)}
        aria-label={props.label}
        id={props.id}
      >
        <RadixSelect.Value placeholder={props.placeholder} />
        <ChevronDown aria-hidden />
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content className={css.menu} position="popper" sideOffset={4} collisionPadding={8}>
          <RadixSelect.Viewport>
            {props.options.map((option) => (
              <RadixSelect.Item key={option.value} value={coded(option.value)} className={css.item}>
                {option.icon}
                <span className={css.grow}>
                  <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                </span>
                <RadixSelect.ItemIndicator>
                  <Check aria-hidden />
                </RadixSelect.ItemIndicator>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}

interface Toggle {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  disabled?: boolean;
}

export function Switch({ checked, onChange, label, disabled }: Toggle): React.JSX.Element {
  const id = useId();
  return (
    <span className={css.labelled}>
      <RadixSwitch.Root
        id={id}
        className={css.switch}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled ?? false}
      >
        <RadixSwitch.Thumb className={css.switchThumb} />
      </RadixSwitch.Root>
      <label htmlFor={id}>{label}</label>
    </span>
  );
}

export function Checkbox({ checked, onChange, label, disabled }: Toggle): React.JSX.Element {
  const id = useId();
  return (
    <span className={css.labelled}>
      <RadixCheckbox.Root
        id={id}
        className={css.check}
        checked={checked}
        onCheckedChange={(now) => onChange(now === true)}
        disabled={disabled ?? false}
      >
        <RadixCheckbox.Indicator>
          <Check aria-hidden />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id}>{label}</label>
    </span>
  );
}

export function Segmented<T extends string>(props: {
  options: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  label: string;
}): React.JSX.Element {
  return (
    <ToggleGroup.Root
      type="single"
      className={css.segmented}
      value={props.value}
      aria-label={props.label}
      onValueChange={(value) => {
        if (value !== "") props.onChange(value as T);
      }}
    >
      {props.options.map((option) => (
        <ToggleGroup.Item key={option.value} value={option.value} className={css.segment}>
          {option.icon}
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
