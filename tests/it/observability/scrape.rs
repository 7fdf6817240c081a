//! One look at /metrics, checked against the rules of its format.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use banyan::app::App;
use banyan::http::Metrics;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The listener of a test, and somebody who scrapes it.
pub struct Scraper {
    pub metrics: Metrics,
    http: reqwest::Client,
}

/// What stood there: a value for each series as it is written, labels and all.
pub struct Scrape {
    pub text: String,
    pub samples: BTreeMap<String, f64>,
}

impl Scraper {
    pub async fn of(app: &App) -> Scraper {
        let metrics = Metrics::open(app, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        Scraper { metrics, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub async fn get(&self, accept: &str) -> (String, String) {
        let url = format!("http://{}/metrics", self.metrics.address);
        let response = self.http.get(url).header(ACCEPT, accept).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let content_type = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        (content_type, response.text().await.unwrap())
    }

    pub async fn scrape(&self) -> Scrape {
        let (_, text) = self.get("text/plain").await;
        Scrape { samples: parsed(&text), text }
    }

    /// Scrapes until it is so.
    pub async fn until(&self, so: impl Fn(&Scrape) -> bool) -> Scrape {
        let begun = Instant::now();
        loop {
            let scrape = self.scrape().await;
            if so(&scrape) {
                return scrape;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", scrape.text);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Scrape {
    /// The series' value, where there is one.
    pub fn get(&self, series: &str) -> Option<f64> {
        self.samples.get(series).copied()
    }

    pub fn value(&self, series: &str) -> f64 {
        self.get(series).unwrap_or_else(|| panic!("no {series} in\n{}", self.text))
    }

    pub fn series(&self) -> BTreeSet<&str> {
        self.samples.keys().map(String::as_str).collect()
    }
}

/// Reads text format 0.0.4, and what `promtool check metrics` finds wrong is wrong here.
pub fn parsed(text: &str) -> BTreeMap<String, f64> {
    let (mut helps, mut types) = (BTreeSet::new(), BTreeMap::new());
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').unwrap();
            assert!(!text.is_empty() && helps.insert(name.to_owned()), "{line}");
            continue;
        }
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(helps.contains(name), "{name} is not explained");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(name.starts_with("banyan_") || name.starts_with("process_"), "{line}");
            for unit in ["_milliseconds", "_ms", "_minutes", "_kilobytes", "_mb"] {
                assert!(!name.contains(unit), "{name} is in no base unit");
            }
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            continue;
        }
        assert!(!line.starts_with('#'), "{line}");
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
            let family = name.strip_suffix(suffix)?;
            (types.get(family)? == "histogram").then_some(family)
        });
        assert!(types.contains_key(family.unwrap_or(name)), "{line} has no type");
        let value: f64 = value.parse().unwrap();
        assert!(samples.insert(series.to_owned(), value).is_none(), "{series} stands there twice");
    }
    samples
}
