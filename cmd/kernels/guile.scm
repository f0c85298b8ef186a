; The loop of guile: reads expressions from stdin and evaluates them, without the prompts and levels
; of guile's own REPL. What it can't read is an error, up to the line's end. The fence of the preset
; is an expression too. No single quote may stand in this file, but in comments.
(use-modules (ice-9 rdelim))
(let* ((guarded (lambda (thunk otherwise)
         (catch #t thunk (lambda (key . why)
           (if (eq? key (quote quit)) (apply throw key why))
           (force-output)
           (display "error: " (current-error-port))
           (print-exception (current-error-port) #f key why)
           (otherwise)))))
       (show (lambda values
         (for-each (lambda (value)
           (if (not (unspecified? value)) (begin (write value) (newline)))) values))))
  (let loop ((x *unspecified*))
    (guarded (lambda ()
      (call-with-values (lambda () (eval x (current-module))) show)) noop)
    (force-output)
    (let ((next (guarded read (lambda () (read-line) *unspecified*))))
      (if (not (eof-object? next)) (loop next)))))
