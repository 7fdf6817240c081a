//! What the operating system knows of this process, on Linux; elsewhere nothing. Names are those of every Prometheus client.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

#[derive(Debug)]
pub struct Process;

/// Of one moment.
struct State {
    cpu_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    started_at: f64,
    open_fds: f64,
    most_fds: Option<f64>,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let Some(state) = read() else { return Ok(()) };
        // The library adds _total.
        let cpu = ("process_cpu_seconds", "Total user and system CPU time spent in seconds");
        let cpu = encoder.encode_descriptor(cpu.0, cpu.1, None, MetricType::Counter)?;
        ConstCounter::new(state.cpu_seconds).encode(cpu)?;
        for (name, help, value) in [
            ("process_resident_memory_bytes", "Resident memory size in bytes", Some(state.resident_bytes)),
            ("process_virtual_memory_bytes", "Virtual memory size in bytes", Some(state.virtual_bytes)),
            ("process_start_time_seconds", "Start time of the process since 1970 in seconds", Some(state.started_at)),
            ("process_open_fds", "Number of open file descriptors", Some(state.open_fds)),
            ("process_max_fds", "Maximum number of open file descriptors", state.most_fds),
        ] {
            let Some(value) = value else { continue };
            let gauge = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(gauge)?;
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn read() -> Option<State> {
    use procfs::process::{LimitValue, Process};

    let process = Process::myself().ok()?;
    let stat = process.stat().ok()?;
    let ticks = procfs::ticks_per_second() as f64;
    let most = process.limits().ok().map(|limits| limits.max_open_files.soft_limit);
    Some(State {
        cpu_seconds: (stat.utime + stat.stime) as f64 / ticks,
        resident_bytes: stat.rss as f64 * procfs::page_size() as f64,
        virtual_bytes: stat.vsize as f64,
        started_at: procfs::boot_time_secs().ok()? as f64 + stat.starttime as f64 / ticks,
        open_fds: process.fd_count().ok()? as f64,
        most_fds: match most {
            Some(LimitValue::Value(most)) => Some(most as f64),
            _ => None,
        },
    })
}

#[cfg(not(target_os = "linux"))]
fn read() -> Option<State> {
    None
}
