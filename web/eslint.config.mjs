// What the linter holds the code to; the formatter is Prettier. The same rules as the editor extension's.

import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["build/", "node_modules/", "src/hub/messages.ts"] },
    {
        files: ["src/**/*.{ts,tsx}", "test/**/*.{ts,tsx}"],
        extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
        plugins: { "react-hooks": reactHooks },
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            complexity: ["error", { max: 15, variant: "modified" }],
            eqeqeq: "error",
            "max-lines": ["error", 400],
            "no-console": "error",
            "react-hooks/rules-of-hooks": "error",
            "react-hooks/exhaustive-deps": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
            "@typescript-eslint/no-confusing-void-expression": [
                "error",
                { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
            ],
            "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
            "@typescript-eslint/no-unnecessary-condition": [
                "error",
                { allowConstantLoopConditions: "only-allowed-literals" },
            ],
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
            // An empty string is no value here as often as a missing one.
            "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowNullish: true }],
            "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
        },
    },
    {
        // `test` of the runner gives promises that the runner waits for.
        files: ["test/**/*.{ts,tsx}"],
        rules: { "@typescript-eslint/no-floating-promises": "off", "@typescript-eslint/require-await": "off" },
    },
);
