"""What happens in each product; one function a part, each with random numbers of its own.

The first function of a product tells its story; what follows is further instrumentation.
"""

from collections.abc import Callable

from orchestration.sample.draw import Draw
from orchestration.sample.products.checkout_parts import checkout_steps, checkout_technology
from orchestration.sample.products.compliance import (
    hr_compliance,
    hr_helpers,
    late_erasures,
    privacy_desk,
    vulnerability_desk,
)
from orchestration.sample.products.field import (
    dataset_requests,
    driver_navigation,
    luggage,
    support_work,
)
from orchestration.sample.products.growth import (
    developer_tools,
    event_planner,
    planner_sessions,
    social_platform,
)
from orchestration.sample.products.invoicing import invoicing, repeated_use
from orchestration.sample.products.knowledge import data_platform, insight_desk, newsroom_cms
from orchestration.sample.products.operations import cluster_service, platform_reliability
from orchestration.sample.products.pipeline_delivery import pipeline_delivery
from orchestration.sample.products.pipeline_releases import pipeline_releases
from orchestration.sample.products.platforms import (
    data_pipelines,
    email_service,
    migration,
    ml_platform,
    notifications,
    streaming,
)
from orchestration.sample.products.release_platform import release_platform
from orchestration.sample.products.service_desk import help_pages, service_desk
from orchestration.sample.products.shops import checkout, tills
from orchestration.sample.products.substrate import substrate
from orchestration.sample.products.time_sheets import (
    payroll,
    release_quality,
    staff_hours,
    time_sheets,
)
from orchestration.sample.products.work_tracker import work_tracker

PRODUCTS: dict[str, tuple[Callable[[Draw], None], ...]] = {
    "insight_desk": (insight_desk,),
    "newsroom_cms": (newsroom_cms,),
    "release_platform": (release_platform, release_quality),
    "platform_reliability": (platform_reliability,),
    "data_platform": (data_platform, dataset_requests),
    "service_desk": (service_desk, support_work, help_pages),
    "privacy_desk": (privacy_desk, late_erasures),
    "vulnerability_desk": (vulnerability_desk,),
    "tills": (tills,),
    "hr_compliance": (hr_compliance, staff_hours, hr_helpers),
    "cluster_service": (cluster_service,),
    "checkout": (checkout, checkout_technology, checkout_steps),
    "work_tracker": (work_tracker, time_sheets),
    "payroll": (payroll,),
    "data_pipelines": (data_pipelines, pipeline_releases, pipeline_delivery),
    "ml_platform": (ml_platform,),
    "streaming": (streaming,),
    "migration": (migration,),
    "email_service": (email_service,),
    "notifications": (notifications,),
    "substrate": (substrate,),
    "social_platform": (social_platform,),
    "developer_tools": (developer_tools,),
    "invoicing": (invoicing, repeated_use),
    "event_planner": (event_planner, planner_sessions),
    "driver_navigation": (driver_navigation,),
    "luggage": (luggage,),
}
