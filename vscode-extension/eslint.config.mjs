// What the linter holds the code to; the formatter is Prettier.

import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["dist/", "build/", "node_modules/", "src/protocol/messages.ts"] },
    {
        files: ["src/**/*.{ts,tsx}", "test/**/*.{ts,tsx}"],
        extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            complexity: ["error", { max: 15, variant: "modified" }],
            eqeqeq: "error",
            "max-lines": ["error", 400],
            "no-console": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
            "@typescript-eslint/no-confusing-void-expression": [
                "error",
                { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
            ],
            "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
            // An empty string is no value here as often as a missing one.
            "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowNullish: true }],
            "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
        },
    },
    {
        // `test` and `it` of the runners give promises that the runners wait for.
        files: ["test/**/*.{ts,tsx}"],
        rules: {
            "no-console": "off",
            "@typescript-eslint/no-floating-promises": "off",
            "@typescript-eslint/require-await": "off",
        },
    },
);
