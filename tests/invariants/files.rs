//! What holds for the problems of either file.

use bazgasht::problem::{Problem, any_error, render_all};

use super::one_plain_line;

/// Problems point inside the file, and can be shown on a terminal, in a log and as JSON. Gives all that was said.
pub fn problems(source: &str, problems: &[Problem], good: bool) -> String {
    assert_eq!(good, !any_error(problems), "what has an error is not used, and what is not used has one");
    let mut said = render_all(problems, false);
    assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "control characters in {said:?}");
    for problem in problems {
        for span in problem.labels.iter().map(|label| &label.span).chain([&problem.span]) {
            assert!(span.start <= span.end && span.end <= source.len(), "{span:?} of {}", source.len());
            assert!(source.is_char_boundary(span.start) && source.is_char_boundary(span.end), "{span:?}");
        }
        let (line, column) = problem.place();
        assert!(line >= 1 && column >= 1 && line <= source.matches('\n').count() + 1);
        let on_a_line = problem.to_string();
        one_plain_line(&on_a_line);
        said.push_str(&on_a_line);
        said.push_str(&serde_json::to_string(problem).unwrap());
    }
    said
}
