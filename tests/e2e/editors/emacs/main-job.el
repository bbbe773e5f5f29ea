;;; main-job.el --- The main job in Emacs with eglot  -*- lexical-binding: t; -*-
;; Results go to the file in $RESULT as JSON.

(require 'eglot)
(require 'json)

(defvar job-results nil)
(defvar job-steps nil)
(defvar job-wanted nil "What the user would pick: the choice whose title begins so.")

(defun job-note (key value) (push (cons key value) job-results))

(defun job-finish (failure)
  (job-note "failure" (or failure :json-null))
  (job-note "steps" (vconcat (reverse job-steps)))
  (let ((json-null :json-null) (json-false :json-false) (coding-system-for-write 'utf-8))
    (write-region (json-encode job-results) nil (getenv "RESULT")))
  (kill-emacs 0))

(defun job-wait (what found)
  "Wait until FOUND gives something; a batch Emacs is never idle, so that changes are sent here."
  (let ((end (+ (float-time) 60)) result)
    (while (and (not (setq result (funcall found))) (< (float-time) end))
      (accept-process-output nil 0.05)
      (when (eglot-current-server) (eglot--signal-textDocument/didChange)))
    (unless result (error "never: %s" what))
    (push what job-steps)
    result))

(defun job-marks ()
  "Codes of the hunks that the edge marked here."
  (flymake-start)
  (accept-process-output nil 0.05)
  (seq-filter (lambda (text) (string-match-p "Pending change" text)) (mapcar #'flymake-diagnostic-text (flymake-diagnostics))))

(defun job-act (title &optional from to)
  "Choose the code action whose title begins with TITLE."
  (setq job-wanted title last-nonmenu-event ?x)
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt items &rest _)
               (or (seq-find (lambda (item) (string-prefix-p job-wanted item)) (mapcar #'car items))
                   (error "no %s among %S" job-wanted (mapcar #'car items))))))
    (eglot-code-actions (or from (point)) (or to from (point)) nil t)))

(defun job ()
  ;; As in docs/editors.md for Emacs.
  (add-to-list 'eglot-server-programs
               `(prog-mode . (,(getenv "PYTHON") "-P" "-m" "draftsmith.cli.main" "lsp")))
  (setq eglot-confirm-server-initiated-edits nil eglot-sync-connect 30)
  (find-file "calc.py")
  (setq eglot-server-programs (list (car eglot-server-programs)))
  (apply #'eglot (eglot--guess-contact))
  (job-wait "connected" #'eglot-current-server)
  (goto-char (point-min))
  (search-forward "return a - b")
  (job-act "Change" (match-beginning 0) (match-end 0))
  (job-wait "request document shown" (lambda () (directory-files-recursively (getenv "DRAFTSMITH_STATE_DIR") "request-.*\\.md")))
  (goto-char (point-min))
  (search-forward "return a - b")
  (job-act "Refactor with Draftsmith" (match-beginning 0) (match-end 0))
  (job-wait "marks" (lambda () (= (length (job-marks)) 2)))
  (job-note "marks" (vconcat (job-marks)))
  (goto-char (point-min))
  (forward-line 1)
  (let ((before (buffer-string)))
    (undo-boundary)
    (job-act "Accept hunk +1")
    (job-wait "accepted" (lambda () (string-match-p "a \\+ b" (buffer-string))))
    (job-note "accepted" (buffer-string))
    (job-wait "one left" (lambda () (= (length (job-marks)) 1)))
    ;; One undo takes it back, and it waits again.
    (let ((last-command nil)) (undo-boundary) (undo-only))
    (job-note "undone" (if (equal (buffer-string) before) t :json-false))
    (job-wait "it waits again" (lambda () (= (length (job-marks)) 2)))
    (goto-char (point-min))
    (forward-line 1)
    (job-act "Accept hunk +1")
    (job-wait "accepted again" (lambda () (string-match-p "a \\+ b" (buffer-string))))
    (job-wait "one left again" (lambda () (= (length (job-marks)) 1)))
    (goto-char (point-min))
    (forward-line 5)
    (job-act "Reject hunk")
    (job-wait "rejected" (lambda () (null (job-marks))))
    (save-buffer)
    (job-note "saved" (buffer-string))
    (sleep-for 0.5)
    (job-act "Undo the last apply")
    (job-wait "taken back" (lambda () (equal (buffer-string) before))))
  (eglot-shutdown (eglot-current-server))
  (job-finish nil))

(condition-case failure
    (job)
  (error (job-finish (format "%S" failure))))
