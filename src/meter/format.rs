//! The two formats of metrics: OpenMetrics as the library writes it, and Prometheus' older text format.

/// Which format a scraper reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    OpenMetrics,
    /// Prometheus' text format 0.0.4.
    Plain,
}

impl Format {
    /// The format that the header Accept asks for; the older one where it asks for neither.
    pub fn accepted(accept: Option<&str>) -> Format {
        match accept.is_some_and(|accept| accept.contains("application/openmetrics-text")) {
            true => Format::OpenMetrics,
            false => Format::Plain,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Format::Plain => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    pub(super) fn of_open_metrics(self, text: String) -> String {
        match self {
            Format::OpenMetrics => text,
            Format::Plain => plain(&text),
        }
    }
}

/// Samples look alike in both. The older format has neither units nor an end, and names a counter as its sample is named.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut help = None;
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(name), help_text) => help = Some((name, help_text.unwrap_or_default())),
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let suffix = if kind == "counter" { "_total" } else { "" };
                if let Some((_, text)) = help.take().filter(|(of, _)| *of == name) {
                    plain.extend(["# HELP ", name, suffix, " ", text, "\n"]);
                }
                let kind = if kind == "unknown" { "untyped" } else { kind };
                plain.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
            }
            (Some("#"), ..) => {}
            _ => plain.extend([line, "\n"]),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_bears_its_samples_name_in_the_older_format() {
        let text = "# HELP a_seconds What it is.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n\
                    a_seconds_total{x=\"# TYPE\"} 1.5\n# HELP b It.\n# TYPE b gauge\nb 2\n# EOF\n";
        let wanted = "# HELP a_seconds_total What it is.\n# TYPE a_seconds_total counter\n\
                      a_seconds_total{x=\"# TYPE\"} 1.5\n# HELP b It.\n# TYPE b gauge\nb 2\n";
        assert_eq!(plain(text), wanted);
    }

    #[test]
    fn the_newer_format_is_for_those_who_ask_for_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2";
        assert_eq!(Format::accepted(Some(prometheus)), Format::OpenMetrics);
        for other in [None, Some("*/*"), Some("text/plain")] {
            assert_eq!(Format::accepted(other), Format::Plain);
        }
    }
}
